import { istioctlPath } from './istioctl-endpoint.ts';

/**
 * A program that passes its arguments to the served simulator and becomes what it answers. In bash alone, since it is
 * started for every look at the mesh: a Node process would take ten times as long to start.
 */
export function istioctlScript(at: { port: number; token: string; version: string }): string {
  return `#!/usr/bin/env bash
# istioctl ${at.version} of a served simulator: its work is done there, whatever kubeconfig it is given.
LC_ALL=C # lengths in bytes

lost() {
  echo "Error: the served simulator $1" >&2
  exit 1
}

{ exec 3<>/dev/tcp/127.0.0.1/${at.port}; } 2>/dev/null || lost 'is not there'
{
  printf 'POST ${istioctlPath}${at.version} HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\nauthorization: Bearer ${at.token}\\r\\n'
  printf 'transfer-encoding: chunked\\r\\nconnection: close\\r\\n\\r\\n'
  stdin=
  case " $* " in *" -f - "*) stdin=$(cat) ;; esac
  printf '%x\\r\\n%s\\0\\r\\n' $((\${#stdin} + 1)) "$stdin"
  for argument in "$@"; do printf '%x\\r\\n%s\\0\\r\\n' $((\${#argument} + 1)) "$argument"; done
  printf '0\\r\\n\\r\\n'
} >&3

read -r -u 3 _ status _ || lost 'went away'
while read -r -u 3 header && [ "$header" != $'\\r' ]; do :; done
[ "$status" = 200 ] || lost "answered $status: $(cat <&3)"
for part in code stdout stderr; do
  IFS= read -r -u 3 -d '' "$part" || lost 'went away'
done
printf '%s' "$stdout"
printf '%s' "$stderr" >&2
exit "$code"
`;
}
