import type { Tolerances } from './compare-answers.ts';

export interface Skip {
  query: string;
  tolerances: Tolerances;
  reason: string;
}

/** Where less than everything is compared, and why. The results themselves are compared always. */
export const Skips: readonly Skip[] = [
  ...['histogram_quantile(0.9, m_latency_bucket)', 'histogram_quantile(0.9, m_latency_bucket{pod="b"})'].map(
    (query) => ({
      query,
      tolerances: { ignoreRemarks: true },
      reason:
        'the info about forced monotonicity comes without the figures that Prometheus appends; nothing reads them',
    }),
  ),
  ...['bottomk(2, m_requests_total)', 'topk(3, m_gauge)'].map((query) => ({
    query,
    tolerances: { ordered: false },
    reason: 'equal values, and NaN, stand in the order of a heap over the order of the storage, which means nothing',
  })),
];
