/** Why no answer arrived. `sent: false` means that the server cannot have acted on the request. */
export interface NetworkFailure {
  kind: 'refused' | 'dns' | 'tls' | 'timeout' | 'reset' | 'network';
  sent: boolean;
  detail: string;
}

/** Our own limit for one request, told apart from the network's errors. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly code = 'DEADLINE_EXCEEDED';

  constructor(ms: number) {
    super(`no complete answer within ${ms / 1000} s`);
  }
}

const byCode: Record<string, Pick<NetworkFailure, 'kind' | 'sent'>> = {
  ECONNREFUSED: { kind: 'refused', sent: false },
  EHOSTUNREACH: { kind: 'refused', sent: false },
  ENETUNREACH: { kind: 'refused', sent: false },
  ENOTFOUND: { kind: 'dns', sent: false },
  EAI_AGAIN: { kind: 'dns', sent: false },
  UND_ERR_CONNECT_TIMEOUT: { kind: 'timeout', sent: false },
  DEADLINE_EXCEEDED: { kind: 'timeout', sent: true },
  ETIMEDOUT: { kind: 'timeout', sent: true },
  UND_ERR_HEADERS_TIMEOUT: { kind: 'timeout', sent: true },
  UND_ERR_BODY_TIMEOUT: { kind: 'timeout', sent: true },
  ECONNRESET: { kind: 'reset', sent: true },
  EPIPE: { kind: 'reset', sent: true },
  UND_ERR_SOCKET: { kind: 'reset', sent: true },
};

// OpenSSL's verification results have no common prefix.
const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** Reads the codes along the chain of causes; what it does not know counts as sent, the careful guess. */
export function classifyNetworkFailure(thrown: unknown): NetworkFailure {
  for (const error of chainOf(thrown)) {
    const code = codeOf(error);
    if (code === undefined) continue;
    if (tlsCode.test(code)) return { kind: 'tls', sent: false, detail: detailOf(error) };
    const known = byCode[code];
    if (known) return { ...known, sent: known.sent && !failedToConnect(error), detail: detailOf(error) };
  }
  return { kind: 'network', sent: true, detail: detailOf(thrown) };
}

/** Node tries every address of a name and gathers the failures in an AggregateError. */
function* chainOf(thrown: unknown): Generator<unknown> {
  yield thrown;
  if (thrown instanceof AggregateError) for (const error of thrown.errors) yield* chainOf(error);
  if (thrown instanceof Error && thrown.cause !== undefined) yield* chainOf(thrown.cause);
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

function failedToConnect(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'syscall' in thrown && thrown.syscall === 'connect';
}

function detailOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message || (codeOf(thrown) ?? 'no reason given');
}
