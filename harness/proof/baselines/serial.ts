import { proxyPath } from '../../../src/kubernetes/resource-path.ts';
import { CommandFailed } from './command-failed.ts';
import { type Script, type ScriptContext, scriptContender } from './script.ts';

const timeoutMs = 10 * 60_000;
const betweenNamespacesMs = 60_000;

/**
 * The procedure's own commands, one after the other:
 * ```bash
 * set -euo pipefail
 * istioctl x precheck
 * istioctl install -y --set profile=minimal --set revision=$NEW
 * istioctl tag set $TAG --revision $NEW --overwrite
 * kubectl rollout restart deployment $GATEWAY -n $GATEWAY_NS && kubectl rollout status ... --timeout=10m
 * for d in $(kubectl get deployment -n $CANARY -o name); do restart; status --timeout=10m; done
 * sleep $BAKE
 * errors=$(curl -s "$PROMETHEUS/api/v1/query?query=..." | jq -r '.data.result[0].value[1] // "0"')
 * if awk "BEGIN { exit !($errors > $MAX) }"; then
 *   istioctl tag set $TAG --revision $OLD --overwrite; restart and status of the gateway and the canary; exit 1
 * fi
 * for ns in $(kubectl get namespace -l istio.io/rev=$TAG -o name | cut -d/ -f2); do   # but the two above
 *   for d in $(kubectl get deployment -n $ns -o name); do restart; status --timeout=10m; done
 *   sleep 60
 * done
 * istioctl uninstall -y --revision $OLD
 * ```
 */
export const serial = scriptContender('serial', async (context) => {
  const { shell, task, judge } = context;
  const { from, to, tag, bakeMs, waves, gateways } = task;
  await shell.istioctl('x', 'precheck');
  await shell.istioctl('install', '-y', '--set', 'profile=minimal', '--set', `revision=${to.revision}`);
  await shell.istioctl('tag', 'set', tag, '--revision', to.revision, '--overwrite');
  await restartGateways(context);
  const canary = waves[0];
  if (canary === undefined) throw new Error('a task has at least one wave');
  for (const namespace of canary.namespaces) await restartNamespace(context, namespace);
  await shell.sleep(bakeMs);
  const errors = await errorRatio(context, canary.namespaces);
  judge(canary.name, isGreater(errors, task.errorRatioMax) ? 'fail' : 'pass');
  if (isGreater(errors, task.errorRatioMax)) {
    shell.echo(`error ratio ${errors}, going back`);
    await shell.istioctl('tag', 'set', tag, '--revision', from.revision, '--overwrite');
    await restartGateways(context);
    for (const namespace of canary.namespaces) await restartNamespace(context, namespace);
    return 'rolled-back';
  }
  const done = new Set([...canary.namespaces, ...gateways.map((gateway) => gateway.split('/')[0])]);
  const labelSelector = `istio.io/rev=${tag}`;
  for (const namespace of await shell.forList(() => shell.kubectl.names('namespace', { labelSelector }))) {
    if (done.has(namespace)) continue;
    await restartNamespace(context, namespace);
    await shell.sleep(betweenNamespacesMs);
  }
  await shell.istioctl('uninstall', '-y', '--revision', from.revision);
  return 'completed';
});

type Context = Parameters<Script>[0];

async function restartGateways({ shell: { kubectl }, task }: Context): Promise<void> {
  for (const gateway of task.gateways) {
    const [namespace = '', name = ''] = gateway.split('/');
    await kubectl.rolloutRestart('deployment', namespace, name);
    await kubectl.rolloutStatus('deployment', namespace, name, { timeoutMs });
  }
}

async function restartNamespace({ shell }: Context, namespace: string): Promise<void> {
  for (const name of await shell.forList(() => shell.kubectl.names('deployment', { namespace }))) {
    await shell.kubectl.rolloutRestart('deployment', namespace, name);
    await shell.kubectl.rolloutStatus('deployment', namespace, name, { timeoutMs });
  }
}

/** A 503 of the proxy in between, an error of Prometheus and no series are all `"0"` to this pipe. */
async function errorRatio({ shell }: ScriptContext, namespaces: readonly string[]): Promise<string> {
  const canary = `destination_workload_namespace=~"${namespaces.join('|')}"`;
  const rate = (labels: string) => `sum(rate(istio_requests_total{${labels}}[1m]))`;
  const query = `${rate(`${canary},response_code=~"5.."`)} / ${rate(canary)}`;
  const path = `/api/v1/query?${new URLSearchParams({ query })}`;
  const text = await shell.kubectl.curl(
    proxyPath({ namespace: 'monitoring', scheme: 'http', service: 'prometheus', port: '9090', path, timeoutMs }),
  );
  const answer = parse(text) as { data?: { result?: { value?: [number, string] }[] } };
  return answer.data?.result?.[0]?.value?.[1] ?? '0';
}

/** As awk compares: what is no number is compared as text. */
const isGreater = (value: string, limit: number): boolean =>
  Number.isFinite(Number(value)) ? Number(value) > limit : value > String(limit);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandFailed('jq', 5, 'parse error');
  }
}
