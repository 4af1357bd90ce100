import type { FailureClass } from '../model/evidence.ts';

type Labels = Readonly<Record<string, string>>;

interface Row {
  is: FailureClass | 'caller';
  label: 'response_code' | 'response_flags' | 'grpc_response_status';
  values: readonly string[];
  /** Only with one of these flags. */
  flags?: readonly string[];
  why: string;
}

const envoyFlags =
  'https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags';
const grpcCodes = 'https://grpc.github.io/grpc/core/md_doc_statuscodes.html';

/** Which response is a failure, and of which class. The first row that fits counts; what no row names has succeeded. */
export const rows: readonly Row[] = [
  {
    is: 'caller',
    label: 'response_flags',
    values: ['DC', 'DR'],
    why: `The caller hung up; DR since Envoy 1.30. ${envoyFlags}`,
  },
  { is: 'caller', label: 'grpc_response_status', values: ['1'], why: `CANCELLED: the caller hung up. ${grpcCodes}` },
  {
    is: 'refusal',
    label: 'response_code',
    values: ['404'],
    flags: ['NR'],
    why: `No route: configuration of the mesh is missing, not a page of the application. ${envoyFlags}`,
  },
  {
    is: 'lost',
    label: 'response_flags',
    values: ['UF', 'UH', 'NC', 'UO', 'LH'],
    why: `The request did not reach a server: no connection, no healthy host, no cluster, overflow. ${envoyFlags}`,
  },
  {
    is: 'refusal',
    label: 'response_code',
    values: ['401', '403', '407', '429'],
    why: 'Authentication, authorization and rate limits: what a lost provider or another trust domain answers.',
  },
  {
    is: 'refusal',
    label: 'grpc_response_status',
    values: ['5', '7', '16'],
    why: `NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED. ${grpcCodes}`,
  },
  { is: 'error', label: 'response_code', values: ['0'], why: `The connection ended without a response. ${envoyFlags}` },
  {
    is: 'error',
    label: 'grpc_response_status',
    values: ['2', '4', '12', '13', '14', '15'],
    why: `UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS; these are HTTP 200. ${grpcCodes}`,
  },
];

/** In the order in which a verdict names them. */
export const failureClasses = ['error', 'lost', 'refusal'] as const satisfies readonly FailureClass[];

/** How a series of `istio_requests_total` failed; `undefined` for success, and for what the caller did. */
export function failureClassOf(labels: Labels): FailureClass | undefined {
  const flags = (labels['response_flags'] ?? '').split(',');
  const row = rows.find((each) => {
    const fits =
      each.label === 'response_flags'
        ? flags.some((flag) => each.values.includes(flag))
        : each.values.includes(labels[each.label] ?? '');
    return fits && (each.flags === undefined || flags.some((flag) => each.flags?.includes(flag)));
  });
  if (row !== undefined) return row.is === 'caller' ? undefined : row.is;
  return labels['response_code']?.startsWith('5') === true ? 'error' : undefined;
}
