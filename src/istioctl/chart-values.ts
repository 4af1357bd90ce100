import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { messageOf } from '../model/upgrade-error.ts';
import { isValues, type Values, withoutPaths } from '../model/values.ts';
import { ValuesUnreadable } from './istioctl-errors.ts';

/** The values of Istio's charts that the config gives, whichever tool installs. */

/** `values.pilot.env.A=b` gives `pilot.env.A`. */
export const pathOfPair = (pair: string): string =>
  pair.slice(0, pair.indexOf('=')).replace(/^(spec\.)?(values\.|unvalidatedValues\.)?/, '');

/** The istiod chart takes the values of `pilot` at its root as well. */
export const without = (values: Values, paths: readonly string[]): Values =>
  withoutPaths(values, [
    ...paths,
    ...paths.map((path) => (path.startsWith('pilot.') ? path.slice('pilot.'.length) : `pilot.${path}`)),
  ]);

/** An IstioOperator, or values as Helm takes them. @throws VALUES_UNREADABLE */
export async function readFileOfValues(file: string): Promise<{ spec: Values } | { values: Values }> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (failure) {
    throw ValuesUnreadable.because(failure, file, messageOf(failure));
  }
  if (!isValues(content)) throw ValuesUnreadable.of(file, 'it is no map');
  const { kind, spec = {} } = content;
  if (kind === 'IstioOperator' && isValues(spec)) return { spec };
  if (kind !== undefined || 'spec' in content)
    throw ValuesUnreadable.of(file, `it is ${typeof kind === 'string' ? `a ${kind}` : 'an object without a kind'}`);
  return { values: content };
}
