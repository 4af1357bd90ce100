import type { IstiodCount } from '../model/evidence.ts';
import { type Asking, type Reading, read } from './asking.ts';
import { countIncrements } from './count-increments.ts';
import { isFresh } from './fresh.ts';
import type { Judgement, Look, Scope } from './gate.ts';
import { selector } from './increase.ts';
import { remember } from './remember.ts';

/** The pods of the istiod that a look is about, as a selector. */
export const istiodPods = ({ istiod, settings: { labels } }: Scope): string =>
  `${labels.pod}=~"${istiod}-[a-z0-9]+-[a-z0-9]+"`;

/** When each of its pods was scraped last, Unix seconds. */
export const istiodScrapes = (scope: Scope): string =>
  `max by (${scope.settings.labels.pod}) (timestamp(${selector('pilot_info', istiodPods(scope), scope)}))`;

/** Whether Prometheus has fresh samples of the new istiod. */
export function* isIstiodSeen(look: Look): Asking<boolean, Reading> {
  const [series = []] = yield* read(asked(istiodScrapes(look), look.until));
  return series.some(isFresh(look));
}

const asked = (query: string, at: number) => ({ query, at, group: 'istiod' });

/** What a counter of the new istiod, which is as young as the upgrade, has counted since the wave began. */
export function* countOfIstiod(query: string, look: Look): Asking<IstiodCount, Reading> {
  const before = yield* remember(look.memory, `${look.startedAt} ${query}`, function* () {
    const [series] = yield* read(asked(query, look.startedAt));
    return series;
  });
  const [after, scrapes = []] = yield* read(asked(query, look.until), asked(istiodScrapes(look), look.until));
  if (!scrapes.some(isFresh(look))) return 'unseen';
  return before === undefined || after === undefined ? 0 : countIncrements({ before, after });
}

/** That it is not seen, the gate of the control plane says. */
export function judgeIstiodCount(count: IstiodCount, max: number): readonly Judgement[] {
  if (count === 'unseen') return [];
  return [{ verdict: count > max ? 'fail' : 'pass', value: String(count), limit: String(max) }];
}
