import * as z from 'zod';

const Status = z.object({
  kind: z.literal('Status'),
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      uid: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({ reason: z.string().optional(), message: z.string().optional(), field: z.string().optional() }),
        )
        .optional(),
    })
    .optional(),
});

export type StatusBody = z.infer<typeof Status>;

/** The API server refused a request. `reason` is its machine-readable code: `NotFound`, `Conflict`, `AlreadyExists`, `Forbidden`, ... */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** The HTTP status, which for events of a watch is the status inside the event. */
  readonly code: number;
  readonly reason: string;
  readonly details: StatusBody['details'];
  readonly retryAfterSeconds: number | undefined;

  constructor(facts: {
    code: number;
    reason: string;
    message: string;
    details?: StatusBody['details'];
    retryAfterSeconds?: number | undefined;
  }) {
    super(facts.message);
    this.code = facts.code;
    this.reason = facts.reason;
    this.details = facts.details;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? facts.details?.retryAfterSeconds;
  }
}

/** A write was sent, and it is unknown whether it took effect: read back before anything else. The cause is what arrived instead of an answer. */
export class AmbiguousWrite extends Error {
  override readonly name = 'AmbiguousWrite';
  readonly method: string;
  readonly path: string;

  constructor(method: string, path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${method} ${path} was sent, but its outcome is unknown: ${why}`, { cause });
    this.method = method;
    this.path = path;
  }
}

/** `hasReason(error, 'Conflict')`: whether this is the API server's refusal of that kind. */
export function hasReason(thrown: unknown, reason: string): thrown is StatusError {
  return thrown instanceof StatusError && thrown.reason === reason;
}

export function readStatus(body: unknown): StatusBody | undefined {
  const parsed = Status.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}

const reasonByCode: Record<number, string> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

/** The error in an answer of 400 and above. Proxies in between answer in plain text: then the status code decides. */
export function statusErrorOf(code: number, text: string, retryAfter: string | undefined, what: string): StatusError {
  const status = readStatus(parseJson(text));
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  return new StatusError({
    code,
    reason: status?.reason ?? (isPlainNotFound(code, text) ? 'NotFound' : (reasonByCode[code] ?? 'Unknown')),
    message: status?.message ?? `${what}: HTTP ${code}${text ? ` ${excerpt(text)}` : ''}`,
    details: status?.details,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  });
}

// For an API group that is not installed the server's mux answers in this plain text; other text does not come from the API.
function isPlainNotFound(code: number, text: string): boolean {
  return code === 404 && text.trim() === '404 page not found';
}

/** The first words of an answer that is not what was expected. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}

/** `undefined` for what is not JSON, which no Kubernetes answer is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
