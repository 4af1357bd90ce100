import { adviceForValidator, describeUpgrade, isLeftValidator, namedBy, needs, tagsAt } from '../mesh/references.ts';
import { isDowngrade } from '../model/downgrade.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const OldRevisionNamed = defineFinding({
  code: 'OLD_REVISION_NAMED',
  severity: 'warns',
  title: 'A namespace, a workload or a gateway names the old revision itself, so it does not follow the tag.',
  cause:
    'Its label istio.io/rev has the name of the revision as its value and not that of the tag, for example because of the value `revision` of the gateway chart. No wave and no stage of this upgrade restarts it.',
  fix: 'Set the label to the tag, and restart the workloads. Stage 8 waits until nothing names the old revision.',
  blames: 'person',
});

const ProxyWithoutPod = defineFinding({
  code: 'PROXY_WITHOUT_POD',
  severity: 'warns',
  title: 'A proxy that is not a pod of this cluster is connected to the old istiod.',
  cause: 'It runs on a virtual machine or in a remote cluster. This tool cannot restart it.',
  fix: 'Connect it to the new istiod before stage 8, for example by a new bootstrap with its address; stage 8 waits for it.',
  blames: 'person',
});

const OtherTagAtOld = defineFinding({
  code: 'OTHER_TAG_AT_OLD',
  severity: 'warns',
  title: 'Another tag also points to the old revision.',
  cause: 'This upgrade moves one tag. What follows another tag keeps the old istiod.',
  fix: 'Upgrade the other tag with its own config, or move it, before stage 8; stage 8 waits for it.',
  blames: 'person',
});

const ValidatorLeft = defineFinding({
  code: 'VALIDATOR_LEFT',
  severity: 'warns',
  title: 'The validator of a removed tag "default" calls the old istiod.',
  cause:
    '`istioctl tag remove default` before 1.31 leaves istiod-default-validator behind (istio/istio#60538). When the old istiod is gone, the API server would refuse all configuration of Istio.',
  fix: 'Delete it, since each istiod has its own validator: kubectl delete validatingwebhookconfiguration istiod-default-validator',
  blames: 'person',
});

const OtherUpgradeNeedsOld = defineFinding({
  code: 'OTHER_UPGRADE_NEEDS_OLD',
  severity: 'warns',
  title: 'The unfinished upgrade of another tag needs the old revision.',
  cause: 'It can still go back to that revision, or its target is that revision.',
  fix: 'Finish that upgrade or roll it back; stage 8 of this one waits for it.',
  blames: 'person',
});

const DependentsUnknown = defineFinding({
  code: 'DEPENDENTS_UNKNOWN',
  severity: 'notes',
  title: 'It is not known who else depends on the old istiod.',
  cause:
    'istioctl proxy-status or the list of the journals failed, for example because the user of this check may only read.',
  fix: 'Do nothing if no proxy runs outside the cluster and no other tag is upgraded: stage 8 asks again, and removes nothing without an answer.',
  blames: 'surroundings',
});

const finds = [
  OldRevisionNamed,
  ProxyWithoutPod,
  OtherTagAtOld,
  ValidatorLeft,
  OtherUpgradeNeedsOld,
  DependentsUnknown,
] as const;
type Found = FindingOf<typeof finds>;

export const dependents = defineCheck({
  looksAt: ['dependents', 'tags', 'namespaces', 'workloads'],
  finds,
  find: checkDependents,
});

/** What will hold up stage 8 although no wave restarts it. */
export function checkDependents(
  world: Pick<World, 'dependents' | 'tags' | 'namespaces' | 'workloads'>,
  plan: Plan,
): readonly Found[] {
  // Without the tag there is no old revision, and after the upgrade it is the target; the check of the versions reports both.
  if (plan.from === '' || plan.from === plan.to) return [];
  return [...checkNamed(world, plan), ...checkOtherTags(world, plan), ...checkOutside(world, plan)];
}

function checkNamed(world: Pick<World, 'tags' | 'namespaces' | 'workloads'>, { from, tag }: Plan): readonly Found[] {
  const named = namedBy(world, from);
  const objects = [
    ...named.namespaces.map(({ name }) => `namespace ${name}`),
    ...named.workloads.map(({ id, isGateway }) => (isGateway ? `gateway ${id}` : id)),
  ];
  if (objects.length === 0) return [];
  return [
    OldRevisionNamed.of(
      `${objects.length === 1 ? '1 object names' : `${objects.length} objects name`} the revision ${from} by label and ${objects.length === 1 ? 'does' : 'do'} not follow tag "${tag}"; stage 8 waits for ${objects.length === 1 ? 'it' : 'them'}.`,
      objects,
      `Set the label istio.io/rev to ${tag}, and restart the workloads.`,
    ),
  ];
}

function checkOtherTags({ tags }: Pick<World, 'tags'>, { from, to, tag }: Plan): readonly Found[] {
  const pointing = [...tags].filter(
    ([other, objects]) => other !== tag && tagsAt({ tags: new Map([[other, objects]]) }, from).length > 0,
  );
  const others = pointing.filter(([, objects]) => !isLeftValidator(objects)).map(([other]) => other);
  const left = pointing.flatMap(([, objects]) => (isLeftValidator(objects) ? objects.map(({ name }) => name) : []));
  return [...validatorLeft(left, from, to), ...tagsLeft(others, from, to)];
}

function validatorLeft(names: readonly string[], from: string, to: string): readonly Found[] {
  if (names.length === 0) return [];
  return [
    ValidatorLeft.of(
      `The validator of a tag "default" that is gone still calls istiod ${from}; stage 8 waits for it.`,
      names,
      adviceForValidator(to),
    ),
  ];
}

function tagsLeft(others: readonly string[], from: string, to: string): readonly Found[] {
  if (others.length === 0) return [];
  return [
    OtherTagAtOld.of(
      `${others.map((other) => `"${other}"`).join(', ')} ${others.length === 1 ? 'also points' : 'also point'} to ${from}; stage 8 waits until ${others.length === 1 ? 'it is' : 'they are'} moved.`,
      others.map((other) => `tag ${other}`),
      `Upgrade each with its own config (mesh.tag), or move it: istioctl tag set TAG --revision ${to} --overwrite`,
    ),
  ];
}

function checkOutside({ dependents }: Pick<World, 'dependents'>, { from, versions }: Plan): readonly Found[] {
  // Why it was not asked is another finding, which blocks.
  if (dependents === notAsked) return [];
  const { proxies, upgrades, unknown } = dependents;
  const needing = upgrades.filter((upgrade) => needs(upgrade, from));
  const findings: Found[] = [];
  if (proxies.length > 0)
    findings.push(
      ProxyWithoutPod.of(
        `${proxies.length === 1 ? '1 proxy that is not a pod' : `${proxies.length} proxies that are not pods`} of this cluster ${proxies.length === 1 ? 'is' : 'are'} connected to istiod ${from}; stage 8 waits for ${proxies.length === 1 ? 'it' : 'them'}.`,
        proxies,
        isDowngrade(versions)
          ? `Install the proxy of ${versions.to} there first, since a proxy must not be newer than its istiod; then connect it to the new istiod. Stage 8 waits for it.`
          : undefined,
      ),
    );
  if (needing.length > 0)
    findings.push(
      OtherUpgradeNeedsOld.of(
        `An unfinished upgrade of another tag needs ${from}: ${needing.map(describeUpgrade).join(', ')}.`,
        needing.map(({ tag }) => `tag ${tag}`),
      ),
    );
  if (unknown.length > 0)
    findings.push(DependentsUnknown.of(`It is not known who else depends on istiod ${from}.`, unknown));
  return findings;
}
