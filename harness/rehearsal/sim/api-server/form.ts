import { badRequest, notAcceptable } from './status-failure.ts';

/** The form in which a client asked for objects, from its Accept header. */
export type Form = 'whole' | 'metadata' | TableForm;

export interface TableForm {
  /** What stands in a row beside its cells. */
  includes: 'None' | 'Metadata' | 'Object';
  /** For ages. */
  nowMs: number;
}

export function isTable(form: Form): form is TableForm {
  return typeof form === 'object';
}

/**
 * The first of the wanted forms that can be served.
 * @throws StatusFailure NotAcceptable if none can
 */
export function formOf(accept: string | undefined, query: URLSearchParams, nowMs: number): Form {
  const wanted = (accept ?? '*/*').split(',').map((part) => part.trim().replaceAll(' ', ''));
  for (const [type, ...parameters] of wanted.map((part) => part.split(';'))) {
    if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice('as='.length);
    // Only the stable form of a Table is served here; who asks for an older one names others after it.
    if (as === 'Table') {
      if (parameters.includes('v=v1')) return { includes: includedIn(query), nowMs };
    } else if (as?.startsWith('PartialObjectMetadata')) return 'metadata';
    else return 'whole';
  }
  throw notAcceptable();
}

function includedIn(query: URLSearchParams): TableForm['includes'] {
  const asked = query.get('includeObject') || 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(asked)}`);
}
