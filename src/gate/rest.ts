import { alternation, type Look } from './gate.ts';

/**
 * The rest of the mesh: what servers answer in namespaces whose wave has not begun. Servers alone, since a client in the rest that calls
 * the wave has its failures too.
 */
export const restMatchers = ({ begun, settings: { labels } }: Pick<Look, 'begun' | 'settings'>): string =>
  `reporter="destination", ${labels.namespace}!~"${alternation(begun.flatMap(({ namespaces }) => namespaces).sort())}"`;
