import { procedure } from '../model/procedure.ts';

/** Names that a wave may not have, since `--through` takes a stage as well as a wave; `others` is the way back's own wave, `gateways` that of stage 4. */
export const RESERVED_WAVE_NAMES: readonly string[] = [...procedure.map(({ name }) => name), 'others', 'gateways'];

/** `--set` paths for which the config has a field, or that would make stage 2 install more than istiod. */
export const RESERVED_SETTINGS: Readonly<Record<string, string>> = {
  revision: 'write target.revision',
  'values.revision': 'write target.revision',
  profile: 'remove it: only istiod is installed, with the profile minimal',
  'values.defaultRevision': 'write mesh.tag',
  'values.global.istioNamespace': 'write mesh.namespace',
};
