import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { type Difference, differences, isDangerous, isWithin } from './configuration-differences.ts';
import { defineCheck, type FindingOf } from './define-check.ts';
import { isSecret, short } from './setting-text.ts';

const ConfigurationLost = defineFinding({
  code: 'CONFIGURATION_LOST',
  severity: 'blocks',
  title: 'The new istiod lacks settings that the old one was given.',
  cause:
    'The new revision is installed without them: target.carryOver is false, another tool installed it, or they are not among the values of the old installation (components.pilot.k8s of an IstioOperator, an edit of an object). When the tag moves, the mesh loses them.',
  fix: 'Give them by target.set or target.values, or accept the loss of each by its path in target.accept.',
  blames: 'person',
});

const ConfigurationSet = defineFinding({
  code: 'CONFIGURATION_SET',
  severity: 'notes',
  title: 'The new istiod is given other settings than the old one.',
  cause:
    'target.set, target.values or the tool that installed the new revision changes them. It is a warning if they decide about trust or about where traffic may go.',
  fix: 'Do nothing if that is meant. A change of settings and of the release in two steps shows which one does harm.',
  blames: 'person',
});

const ConfigurationDiffers = defineFinding({
  code: 'CONFIGURATION_DIFFERS',
  severity: 'notes',
  title: 'Settings that were not given differ between the two revisions.',
  cause: 'The charts of the two releases have other defaults.',
  fix: 'Read the list. To keep a value of the old release, give it by target.set.',
  blames: 'surroundings',
});

const ConfigurationUnknown = defineFinding({
  code: 'CONFIGURATION_UNKNOWN',
  severity: 'warns',
  title: 'What the old istiod was installed with is not known.',
  cause:
    'There is no ConfigMap values-REVISION: the installer did not leave it, or it was deleted. Nothing can be carried over. Mesh config, environment and resources of the two istiods are compared all the same.',
  fix: 'Give the values of the old installation by target.values.',
  blames: 'person',
});

const ConfigurationUnread = defineFinding({
  code: 'CONFIGURATION_UNREAD',
  severity: 'warns',
  title: 'A part of the configuration of the istiods was not looked at.',
  cause:
    'This user may not list HorizontalPodAutoscalers, PodDisruptionBudgets or NetworkPolicies in the namespace of istiod. Whether the new istiod has as many pods as the old one, its budget and its policy is not known.',
  fix: 'Apply deploy/rbac.yaml of this release (part look) and check again.',
  blames: 'person',
});

const finds = [
  ConfigurationLost,
  ConfigurationSet,
  ConfigurationDiffers,
  ConfigurationUnknown,
  ConfigurationUnread,
] as const;
type Found = FindingOf<typeof finds>;

export const configuration = defineCheck({
  looksAt: ['configurations', 'tags'],
  finds,
  find: configurationFindings,
});

/** The new istiod must have every setting that the old one was given. What came with the release is listed. */
export function configurationFindings(
  { configurations, tags }: Pick<World, 'configurations' | 'tags'>,
  { from, to, tag, install }: Pick<Plan, 'from' | 'to' | 'tag' | 'install'>,
): readonly Found[] {
  if (configurations === notAsked || configurations.from === undefined || configurations.to === undefined) return [];
  const { unread } = configurations.from;
  const all = differences(configurations.from, configurations.to).filter(
    ({ path }) => !isAccepted(path, install.accept),
  );
  const of = (kind: Difference['kind']) => dangerousFirst(all.filter((each) => each.kind === kind));
  const [lost, set, release] = [of('lost'), of('set'), of('release')];
  const does = configurations.toIs === 'previewed' ? 'would lack' : 'lacks';
  // Once the tag has moved, the mesh has the new settings, and to stop gives none of the old ones back.
  const severity = pointsTo(tags, tag, to) ? 'warns' : 'blocks';
  return [
    ...(lost.length === 0
      ? []
      : [
          ConfigurationLost.as(
            severity,
            `The istiod ${to} ${does} ${counted(lost)} of ${from}: ${lost.map(describe).join('; ')}.`,
            lost.map(({ path }) => path),
            `Give ${lost.length === 1 ? 'it' : 'them'} by target.set or target.values${install.carriesOver === false ? ', or set target.carryOver: true' : ''}; or accept the loss: target.accept: [${lost.map(({ path }) => path).join(', ')}]`,
          ),
        ]),
    ...(set.length === 0
      ? []
      : [
          ConfigurationSet.as(
            set.some(({ path }) => isDangerous(path)) ? 'warns' : 'notes',
            `The istiod ${to} is given ${counted(set)} otherwise than ${from}: ${set.map(describe).join('; ')}.`,
            set.map(({ path }) => path),
          ),
        ]),
    ...(release.length === 0
      ? []
      : [
          ConfigurationDiffers.of(
            `${counted(release)} that ${release.length === 1 ? 'was not given differs' : 'were not given differ'}: ${release.map(describe).join('; ')}.`,
            release.map(({ path }) => path),
          ),
        ]),
    ...(configurations.from.given === undefined
      ? [ConfigurationUnknown.of(`It is not known what the istiod ${from} was installed with: no ConfigMap says it.`)]
      : []),
    ...(unread.length === 0
      ? []
      : [
          ConfigurationUnread.of(
            `This user may not list ${unread.join(', ')} in the namespace of istiod: those of ${from} and ${to} were not compared.`,
            unread,
          ),
        ]),
  ];
}

const isAccepted = (path: string, accepted: readonly string[] = []): boolean =>
  accepted.some((root) => isWithin(path, root));

const dangerousFirst = (all: readonly Difference[]): readonly Difference[] =>
  all.toSorted((a, b) => Number(isDangerous(b.path)) - Number(isDangerous(a.path)));

const counted = (all: readonly Difference[]): string => `${all.length} ${all.length === 1 ? 'setting' : 'settings'}`;

/** `meshConfig.trustDomain "a" -> "b"` */
const describe = ({ path, was, is }: Difference): string =>
  isSecret(path)
    ? `${path} (its value is not shown)`
    : `${path} ${short(was)} -> ${is === undefined ? 'none' : short(is)}`;
