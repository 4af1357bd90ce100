import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const Sample = z.tuple([z.number(), z.string()]);
const Metric = z.record(z.string(), z.string());
const Answer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: Metric, value: Sample })) }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric: Metric, values: z.array(Sample) })),
      }),
      z.object({ resultType: z.enum(['scalar', 'string']), result: Sample }),
    ]),
    warnings: z.array(z.string()).optional(),
    infos: z.array(z.string()).optional(),
  }),
]);

export interface Tolerances {
  /** The words of an error are ours. */
  ownWords?: boolean;
  /** Only the results count, not what was remarked about them. */
  ignoreRemarks?: boolean;
  /** The order of series is a part of the answer. */
  ordered?: boolean;
}

/**
 * What is different between two bodies of Prometheus' HTTP API.
 * @returns sentences; none if the answers agree
 */
export function differences(real: string, simulated: string, tolerances: Tolerances = {}): string[] {
  const [is, says] = [real, simulated].map((body) => Answer.parse(JSON.parse(body)));
  if (!is || !says) throw new Error('two answers are needed');
  if (is.status === 'error' || says.status === 'error') {
    const shown = [is, says].map((answer) =>
      answer.status === 'error'
        ? { errorType: answer.errorType, ...(tolerances.ownWords ? {} : { error: answer.error }) }
        : { success: answer.data.resultType },
    );
    return isDeepStrictEqual(shown[0], shown[1]) ? [] : [`${JSON.stringify(shown[0])} but ${JSON.stringify(shown[1])}`];
  }
  const remarks = tolerances.ignoreRemarks
    ? []
    : (['warnings', 'infos'] as const).flatMap((kind) => {
        const [real, ours] = [is[kind] ?? [], says[kind] ?? []].map((list) => list.toSorted());
        return isDeepStrictEqual(real, ours) ? [] : [`${kind}: ${JSON.stringify(real)} but ${JSON.stringify(ours)}`];
      });
  if (is.data.resultType !== says.data.resultType) {
    return [`a ${is.data.resultType} but a ${says.data.resultType}`, ...remarks];
  }
  const [realRows, ourRows] = [is, says].map(({ data }) => rowsOf(data));
  return [...rowDifferences(realRows ?? [], ourRows ?? [], tolerances), ...remarks];
}

interface Row {
  key: string;
  samples: readonly (readonly [number, string])[];
}

function rowsOf(data: Extract<z.infer<typeof Answer>, { status: 'success' }>['data']): Row[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value }) => ({ key: keyOf(metric), samples: [value] }));
    case 'matrix':
      return data.result.map(({ metric, values }) => ({ key: keyOf(metric), samples: values }));
    default:
      return [{ key: data.resultType, samples: [data.result] }];
  }
}

const keyOf = (metric: Record<string, string>) =>
  JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));

function rowDifferences(real: readonly Row[], ours: readonly Row[], { ordered }: Tolerances): string[] {
  const byKey = new Map(ours.map((row) => [row.key, row]));
  const missing = real.filter(({ key }) => !byKey.has(key)).map(({ key }) => `missing: ${key}`);
  const known = new Set(real.map(({ key }) => key));
  const invented = ours.filter(({ key }) => !known.has(key)).map(({ key }) => `invented: ${key}`);
  const wrong = real.flatMap(({ key, samples }) => {
    const row = byKey.get(key);
    return row && !areSamplesEqual(samples, row.samples) ? [`${key}: ${firstDifference(samples, row.samples)}`] : [];
  });
  const order =
    ordered &&
    !isDeepStrictEqual(
      real.map(({ key }) => key),
      ours.map(({ key }) => key),
    )
      ? ['another order']
      : [];
  return [...missing, ...invented, ...wrong, ...order];
}

type Samples = Row['samples'];

const areSamplesEqual = (real: Samples, ours: Samples) =>
  real.length === ours.length && real.every((sample, index) => isSameSample(sample, ours[index]));

function isSameSample([at, value]: Samples[number], other: Samples[number] | undefined): boolean {
  return other !== undefined && Math.abs(at - other[0]) < 0.0005 && isSameNumber(value, other[1]);
}

/** Relative, since engines may add in another order. */
function isSameNumber(real: string, ours: string): boolean {
  if (real === ours) return true;
  const [a, b] = [Number(real), Number(ours)];
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function firstDifference(real: Samples, ours: Samples): string {
  const index = real.findIndex((sample, position) => !isSameSample(sample, ours[position]));
  const show = (samples: Samples) => JSON.stringify(samples[index === -1 ? samples.length - 1 : index] ?? 'nothing');
  return `${show(real)} but ${show(ours)} (${real.length} and ${ours.length} samples)`;
}
