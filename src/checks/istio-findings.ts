import { defineFamily } from '../model/finding.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

/** Codes that istioctl defines; Istio's documentation explains each. */
const IstioFinding = defineFamily<`IST${number}`>({
  code: 'ISTNNNN',
  severity: 'blocks',
  title: '`istioctl analyze` or `istioctl x precheck` of the target release found this.',
  cause:
    'A resource of the mesh is invalid, conflicts with another, or will behave differently in the target release. Errors block, warnings warn, the rest are notes.',
  fix: 'Read the page of this code: https://istio.io/latest/docs/reference/config/analysis/',
  blames: 'person',
});

/** What `analyze` reports wrongly in a tagged mesh; the dry run of a pod decides about injection. */
const judgedByDryRun = new Set(['IST0146', 'IST0102', 'IST0103']);
/** Our own checks report the same with the fix; IST0141 asks for rights that nothing needs, such as to create namespaces. */
const saidByUs = new Set(['IST0123', 'IST0141']);

const finds = [IstioFinding] as const;
type Found = FindingOf<typeof finds>;

export const istioFindings = defineCheck({ looksAt: ['istioFindings'], finds, find: checkIstioFindings });

/** precheck and analyze of the target's release: errors block, warnings warn, the rest are notes. */
export function checkIstioFindings({ istioFindings }: Pick<World, 'istioFindings'>): readonly Found[] {
  // Why it was not asked is another finding, which blocks.
  if (istioFindings === notAsked) return [];
  return istioFindings
    .filter(({ code }) => !judgedByDryRun.has(code) && !saidByUs.has(code))
    .map(({ code, level, message, origin }) =>
      IstioFinding.of(
        code,
        level === 'Error' ? 'blocks' : level === 'Warning' ? 'warns' : 'notes',
        message,
        [origin],
        `See https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/`,
      ),
    );
}
