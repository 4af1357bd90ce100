import type { IstiodCount } from '../../model/evidence.ts';
import type { Gate, Scope } from '../gate.ts';
import { selector } from '../increase.ts';
import { countOfIstiod, istiodPods, judgeIstiodCount } from '../istiod.ts';

/** Pods that the new istiod could not give a sidecar. */
export const injectionFailures: Gate<IstiodCount> = {
  label: 'failed injections',
  about: 'control plane',
  nothing: 0,
  count: (look) => countOfIstiod(failures(look), look),
  judge: (count, { injectionFailuresMax }) => judgeIstiodCount(count, injectionFailuresMax),
  // An istiod that has failed at nothing has no such series; whether it is scraped, the gate of the control plane asks.
  inspect: () => [],
};

const failures = (scope: Scope): string =>
  `sum by (${scope.settings.labels.pod}) (${selector('sidecar_injection_failure_total', istiodPods(scope), scope)})`;
