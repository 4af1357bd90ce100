import type { Evidence } from '../../model/evidence.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import { rulesOf } from '../judge-traffic.ts';
import type { Rules } from '../root/judge-part.ts';
import { viewNames } from './amount.ts';

/** Connections are one kind of number, whose chance of a false alarm their views share. */
export function connectionRules(
  settings: GateSettings,
  evidence: Pick<Evidence, 'workloads'>,
  decides: boolean,
): Rules {
  const rules = rulesOf(settings, evidence, decides);
  return { ...rules, kinds: viewNames.length * rules.kinds };
}
