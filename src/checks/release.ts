import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import type { FindingOf } from './define-check.ts';

const IstioctlWrongRelease = defineFinding({
  code: 'ISTIOCTL_WRONG_RELEASE',
  severity: 'blocks',
  title: 'istioctl is not of the target release.',
  cause:
    'The binary found on the PATH, or at target.istioctl, has another version. It would install another istiod, and may move only a part of the tag.',
  fix: 'Give the path of istioctl of the target release as target.istioctl.',
  blames: 'person',
  rulesOutIstioctl: true,
});

export const releaseFindings = [IstioctlWrongRelease] as const;

/** Upgrade and rollback use the binary of the target release: it has the charts of the istiod that is installed. */
export async function inspectRelease(
  meshTool: MeshTool,
  { versions }: Plan,
): Promise<readonly FindingOf<typeof releaseFindings>[]> {
  const version = await meshTool.version();
  if (version === versions.to) return [];
  return [
    IstioctlWrongRelease.of(
      `istioctl is ${version}; the target is ${versions.to}.`,
      [version],
      `Give the path of istioctl ${versions.to} as target.istioctl.`,
    ),
  ];
}
