import type { JudgedRatio } from '../../model/evidence.ts';
import type { GateSample, SampledRatio, Samples } from '../samples.ts';

/** What a wave was judged by over time: one share of its requests, with what was allowed at each look. */
export interface JudgedCourse {
  /** What the share is of, for example `server-side errors`. */
  label: string;
  /** Left out without history. */
  usual?: NonNullable<JudgedRatio['usual']>;
  /** Looks that had requests to count; without requests there is no ratio, and an absent number is not zero. */
  points: readonly Point[];
}

export interface Point extends Pick<SampledRatio, 'rest' | 'worst'> {
  at: number;
  mode: GateSample['mode'];
  requests: number;
  errors: number;
  ratio: number;
  /** Left out where nothing had failed yet of what is drawn, and in reports of earlier releases. */
  limit?: number;
}

/** What speaks first: what failed the wave, or is unclear; else what has the most say, the errors of the view that decides. */
export function judgedCourses(wave: string, samples: readonly GateSample[], all: Samples): readonly JudgedCourse[] {
  const labels = [...new Set(samples.flatMap(({ judged = {} }) => Object.keys(judged)))];
  if (labels.length === 0) return [courseOfCounts(samples, all.views[0])];
  const [base = ''] = labels;
  const rank = new Map(labels.map((label) => [label, Math.max(...samples.map((sample) => redness(sample, label)))]));
  return labels
    .toSorted((a, b) => (rank.get(b) ?? 0) - (rank.get(a) ?? 0))
    .map((label) => {
      const usual = ownOf(ownOf(all.usual, wave), label);
      return { label, ...(usual && { usual }), points: samples.flatMap((sample) => pointOf(sample, label, base)) };
    });
}

/** A fail of the whole wave says most, then that of a workload, then what nothing explains. */
function redness({ judged = {} }: GateSample, label: string): number {
  const ratio = judged[label];
  if (ratio === undefined) return 0;
  if (ratio.red === 'fail') return 4;
  if (ratio.worst?.red === 'fail') return 3;
  return ratio.red === 'unclear' || ratio.worst?.red === 'unclear' ? 2 : 0;
}

/** @param base what has a ratio whenever there are requests */
function pointOf({ at, mode, judged = {} }: GateSample, label: string, base: string): readonly Point[] {
  const ratio = judged[label];
  if (ratio !== undefined) return [{ at, mode, ...ratio, ratio: ratio.errors / ratio.requests }];
  // Of requests that were counted, none had failed so.
  const { requests } = judged[base] ?? { requests: 0 };
  return requests === 0 ? [] : [{ at, mode, requests, errors: 0, ratio: 0 }];
}

/** Reports of earlier releases have what the first gate counted, and no limits. */
const courseOfCounts = (samples: readonly GateSample[], view: Samples['views'][number] | undefined): JudgedCourse => ({
  label: 'failed requests',
  points: samples.flatMap(({ at, mode, counted }): readonly Point[] => {
    const { requests, errors } = counted[view?.gate ?? ''] ?? { requests: 0, errors: 0 };
    return requests > 0 ? [{ at, mode, requests, errors, ratio: errors / requests }] : [];
  }),
});

/** A wave may be called `constructor`. */
export const ownOf = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
