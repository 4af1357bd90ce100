import type { IstiodCount } from '../../model/evidence.ts';
import type { Gate, Scope } from '../gate.ts';
import { selector } from '../increase.ts';
import { countOfIstiod, istiodPods, judgeIstiodCount } from '../istiod.ts';

/** Configuration of the new istiod that proxies refused to take. */
export const xdsRejects: Gate<IstiodCount> = {
  label: 'configuration rejected by proxies',
  about: 'control plane',
  nothing: 0,
  count: (look) => countOfIstiod(rejects(look), look),
  judge: (count, { xdsRejectsMax }) => judgeIstiodCount(count, xdsRejectsMax),
  // An istiod that has rejected nothing has no such series; whether it is scraped, the gate of the control plane asks.
  inspect: () => [],
};

const rejects = (scope: Scope): string =>
  `sum by (${scope.settings.labels.pod}, type) (${selector('pilot_total_xds_rejects', istiodPods(scope), scope)})`;
