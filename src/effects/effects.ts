import type { Costly } from '../mesh/recent.ts';
import type { Effect, EffectKind } from '../model/effect.ts';
import { beginBake } from './begin-bake.ts';
import { beginWave } from './begin-wave.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { install } from './install.ts';
import { labelNamespace } from './label-namespace.ts';
import { moveTag } from './move-tag.ts';
import { recordUnused } from './record-unused.ts';
import { recordVerdict } from './record-verdict.ts';
import { removeLeftover } from './remove-leftover.ts';
import { restartWorkload } from './restart-workload.ts';
import { restoreLabels } from './restore-labels.ts';
import { uninstall } from './uninstall.ts';
import { upgradeDefinitions } from './upgrade-definitions.ts';

/** Every kind of effect; a kind without a definition does not compile. */
export const effects = {
  install,
  'upgrade-definitions': upgradeDefinitions,
  'move-tag': moveTag,
  'label-namespace': labelNamespace,
  'restore-labels': restoreLabels,
  'restart-workload': restartWorkload,
  'begin-wave': beginWave,
  'begin-bake': beginBake,
  'record-verdict': recordVerdict,
  'record-unused': recordUnused,
  uninstall,
  'remove-leftover': removeLeftover,
} as const satisfies { [K in EffectKind]: EffectDefinition<K> };

/** The definition of an effect's own kind, which is why it accepts the effect. */
export const definitionOf = ({ kind }: Pick<Effect, 'kind'>): EffectDefinition => effects[kind];

export const describeEffect = (effect: Effect): string => definitionOf(effect).describe(effect);

export const isNote = (effect: Effect): boolean => definitionOf(effect).isNote;

/** The costly looks that none of these effects can outdate. */
export function leftValidBy(made: readonly Effect[]): readonly Costly[] {
  const [first = [], ...others] = made.map((effect) => definitionOf(effect).leavesValid);
  return first.filter((look) => others.every((valid) => valid.includes(look)));
}
