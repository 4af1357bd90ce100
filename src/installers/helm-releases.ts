import * as z from 'zod';
import { headsOf } from '../istioctl/parse-manifest.ts';
import type { ManifestObject } from '../model/manifest-object.ts';
import type { Helm } from '../ports/helm.ts';
import { type HelmCalls, read } from './helm-calls.ts';

const metadata = z.object({ status: z.string().min(1) });

const held = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Asks helm for its version and its releases. */
export function helmReleases(calls: HelmCalls): Helm {
  return {
    version: async () =>
      read(await calls.succeed(['version', '--template', '{{.Version}}']), (stdout) =>
        z
          .string()
          .regex(/^\d+\.\d+\.\d+/)
          .parse(stdout.trim().replace(/^v/, '')),
      ),

    release: async (name) => {
      const described = await calls.ofRelease(['get', 'metadata', '-o', 'json'], name);
      if (described === undefined) return undefined;
      const { status } = read(described, (stdout) => metadata.parse(JSON.parse(stdout)));
      const manifest = await calls.ofRelease(['get', 'manifest'], name);
      return { status, objects: manifest === undefined ? [] : read(manifest, heldObjects) };
    },
  };
}

/** The annotation counts that the manifest has: helm does not read that of the live object when it removes a release. */
const keep = 'helm.sh/resource-policy';

/** Without what the removal of the release leaves. A release may hold nothing. */
function heldObjects(manifest: string): readonly ManifestObject[] {
  return headsOf(manifest)
    .map((head) => held.parse(head))
    .filter(({ metadata: { annotations } }) => annotations?.[keep] !== 'keep')
    .map(({ kind, metadata: { name, namespace } }) => ({
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
    }));
}
