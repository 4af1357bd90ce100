import { defineFinding, type Finding } from '../../model/finding.ts';
import type { Answer } from '../../ports/prometheus.ts';
import { type Asking, query } from '../asking.ts';
import type { Beforehand, Gate } from '../gate.ts';
import { isIstiodSeen, istiodScrapes } from '../istiod.ts';

export const ControlPlaneNotScraped = defineFinding({
  code: 'CONTROL_PLANE_NOT_SCRAPED',
  severity: 'blocks',
  title: 'Prometheus has no metrics of istiod.',
  cause:
    'Port 15014 of istiod is not scraped, or relabelling drops the pod label. Rejected configuration would not be seen.',
  fix: 'Scrape istiod (port 15014), or correct gate.labels.',
  blames: 'person',
  isAboutGate: true,
});

/** Whether the new istiod is scraped: only then is an absent counter of it zero. */
export const controlPlane: Gate<boolean> = {
  label: 'control plane',
  about: 'control plane',
  nothing: true,
  count: isIstiodSeen,
  judge: (isSeen) =>
    isSeen ? [] : [{ verdict: 'hold', value: 'istiod is not scraped', limit: 'a sample of the new istiod' }],
  inspect: (beforehand) => [inspect(beforehand)],
};

function* inspect(beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const { variables, settings, started } = beforehand;
  const text = istiodScrapes(beforehand);
  const [{ series }] = yield* query({ query: text });
  // A run that goes on may have removed the old istiod already; the gate itself asks for the new one's samples.
  if (series.length > 0 || started) return [];
  return [
    ControlPlaneNotScraped.of(
      `Prometheus has no pilot_info of istiod ${variables.from} by label ${settings.labels.pod}, so rejected configuration would not be seen.`,
      [text],
    ),
  ];
}
