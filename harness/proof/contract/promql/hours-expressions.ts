const requests = 'istio_requests_total{reporter="destination"}';
const by = 'namespace, destination_workload, response_code';
const grown = (ago: string) => `((${requests} - (${requests} offset ${ago})) >= 0) or ${requests}`;

/** How a gate reads hours of history: raw counters step by step, what they grew in each, and the least of many windows. */
export const HoursExpressions: readonly string[] = [
  `sum by (${by}) (${requests})`,
  `sum by (${by}) (${grown('15m')})`,
  `sum by (${by}) (${grown('7123ms')})`,
  'sum by (namespace, destination_workload) (increase(istio_requests_total[15m]))',
  'sum by (namespace, destination_workload, response_code, response_flags) (increase(istio_requests_total{reporter="source"}[15m]))',
  'min_over_time((sum by (namespace, destination_workload) (increase(istio_requests_total[2m])))[6h:2m])',
  'max_over_time((sum by (namespace) (rate(istio_requests_total{response_code!="200"}[5m])))[3h:10m])',
  'sum by (namespace, le) (increase(istio_request_duration_milliseconds_bucket{reporter="destination"}[15m]))',
  'sum by (destination_service_name, response_flags) (istio_requests_total{reporter="source", destination_workload="unknown"})',
];
