import { defineFamily, defineFinding, type Severity } from '../model/finding.ts';
import type { IgnoredFinding } from '../model/ignored-finding.ts';
import type { IstioFinding as Told } from '../model/istio-finding.ts';
import { matchesGlob } from '../model/matches-glob.ts';
import type { Plan } from '../model/plan.ts';
import { endOf } from '../model/waiver.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

/** Codes that istioctl defines; Istio's documentation explains each. */
const IstioFinding = defineFamily<`IST${number}`>({
  code: 'ISTNNNN',
  severity: 'blocks',
  title: '`istioctl analyze` or `istioctl x precheck` of the target release found this.',
  cause:
    'A resource of the mesh is invalid, conflicts with another, or will behave differently in the target release. Errors block if they are about the cluster, the namespace of istiod, or a namespace of the plan; errors in other namespaces and warnings warn, the rest are notes.',
  fix: 'Read the page of this code: https://istio.io/latest/docs/reference/config/analysis/. To go on with it, name it in `ignoreFindings`.',
  blames: 'person',
});

const IgnoredFindingAbsent = defineFinding({
  code: 'IGNORED_FINDING_ABSENT',
  severity: 'notes',
  title: 'The config ignores findings of istioctl that there are not.',
  cause: 'What `ignoreFindings` names was repaired, or its code or object is misspelt.',
  fix: 'Remove the entry from `ignoreFindings`, or correct it.',
  blames: 'person',
});

/** What `analyze` reports wrongly in a tagged mesh; the dry run of a pod decides about injection. */
const judgedByDryRun = new Set(['IST0146', 'IST0102', 'IST0103']);
/** Our own checks report the same with the fix; IST0141 asks for rights that nothing needs, such as to create namespaces. */
const saidByUs = new Set(['IST0123', 'IST0141']);

const finds = [IstioFinding, IgnoredFindingAbsent] as const;
type Found = FindingOf<typeof finds>;

export const istioFindings = defineCheck({ looksAt: ['istioFindings', 'now'], finds, find: checkIstioFindings });

/** precheck and analyze of the target's release: errors that touch this upgrade block, unless the config ignores them. */
export function checkIstioFindings(
  { istioFindings, now }: Pick<World, 'istioFindings' | 'now'>,
  plan: Plan,
): readonly Found[] {
  // Why it was not asked is another finding, which blocks.
  if (istioFindings === notAsked) return [];
  const { ignoreFindings = [] } = plan;
  const told = istioFindings.filter(({ code }) => !judgedByDryRun.has(code) && !saidByUs.has(code));
  const absent = ignoreFindings.filter((ignored) => !told.some((finding) => isMeant(finding, ignored)));
  return [
    ...told.map((finding) => {
      const { code, message, origin } = finding;
      const ignored = ignoreFindings.find((each) => isMeant(finding, each));
      const holds = ignored !== undefined && now < endOf(ignored);
      return IstioFinding.of(
        code,
        holds ? 'notes' : severityOf(finding, plan),
        `${message}${ignored === undefined ? '' : ` (${holds ? 'ignored' : 'was ignored'} until ${ignored.until}: ${ignored.reason})`}`,
        [origin],
        `See https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/`,
      );
    }),
    ...(absent.length === 0
      ? []
      : [
          IgnoredFindingAbsent.of(
            'istioctl does not report what the config ignores.',
            absent.map(
              ({ code, object, reason }) => `${code}${object === undefined ? '' : ` of ${object}`}: ${reason}`,
            ),
          ),
        ]),
  ];
}

const isMeant = ({ code, origin }: Told, ignored: IgnoredFinding): boolean =>
  code === ignored.code && (ignored.object === undefined || matchesGlob(origin, ignored.object));

function severityOf({ level, origin }: Told, plan: Plan): Severity {
  if (level === 'Info') return 'notes';
  return level === 'Error' && touches(origin, plan) ? 'blocks' : 'warns';
}

/** Both istiods read the configuration of all namespaces; what is wrong in one that no wave restarts is wrong with the old one as well. */
function touches(origin: string, { waves, gateways, istioNamespace }: Plan): boolean {
  const namespace = namespaceOf(origin);
  return (
    namespace === undefined ||
    namespace === istioNamespace ||
    waves.some(({ namespaces }) => namespaces.includes(namespace)) ||
    gateways.some((gateway) => gateway.startsWith(`${namespace}/`))
  );
}

/** Of `VirtualService foo/vs` and of `Namespace foo`; `undefined` for what is in none, or not said. */
function namespaceOf(origin: string): string | undefined {
  const [, kind, first, second] = /^(\S+) ([^/\s]+)(?:\/(\S+))?/.exec(origin) ?? [];
  return second !== undefined || kind === 'Namespace' ? first : undefined;
}
