import type { Settings } from '../model/values.ts';
import { isSecret } from './setting-text.ts';

/** One sentence's part for each difference, the weightiest first: `istio-proxy becomes a native sidecar`. */
export function podDifferences(from: Settings, to: Settings): readonly string[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].filter((path) => from.get(path) !== to.get(path));
  const changed = paths.map((path): Change => ({ ...placeOf(path), was: from.get(path), is: to.get(path) }));
  // Of a container that comes or goes, what it asks for says enough.
  const comesOrGoes = new Set(
    changed
      .filter(({ what, was, is }) => what === 'kind' && (was === undefined) !== (is === undefined))
      .map(({ container }) => container),
  );
  const told = changed.filter(
    ({ container, what }) =>
      !comesOrGoes.has(container) || what === 'kind' || (what.startsWith(asked) && !what.startsWith(dropped)),
  );
  return [...Map.groupBy(told, ({ what, was, is }) => JSON.stringify([what, was, is])).values()]
    .map((alike) => ({ change: alike[0] as Change, names: alike.map(({ container = '' }) => container).toSorted() }))
    .toSorted((a, b) => weightOf(a.change) - weightOf(b.change))
    .map(({ change, names }) => describe(change, names.filter((name) => name !== '').join(' and ')));
}

/** `istio-proxy: image a -> b` */
export const isOfImage = (difference: string): boolean => /^[^:]+: image /.test(difference);

interface Change {
  /** Absent for what belongs to the whole pod. */
  container?: string;
  what: string;
  was: string | undefined;
  is: string | undefined;
}

function placeOf(path: string): Pick<Change, 'container' | 'what'> {
  const [root, container = '', ...rest] = path.split('.');
  return root === 'containers' ? { container, what: rest.join('.') } : { what: path };
}

const dropped = 'capabilities.drop.';
const asked = 'capabilities.';

const order = ['kind', asked, 'image', 'requests.', 'limits.', 'pod.', 'securityContext.', 'ports.', 'volumes.'];
function weightOf({ what }: Change): number {
  const place = order.findIndex((start) => what.startsWith(start));
  return place < 0 ? order.length + (what.startsWith('env.') ? 1 : 0) : place;
}

function describe({ what, was, is }: Change, names: string): string {
  const many = names.includes(' and ');
  if (what === 'kind') {
    if (was === undefined) return `${names} ${many ? 'are' : 'is'} added (${plain(is)})`;
    if (is === undefined) return `${names} ${many ? 'are' : 'is'} no longer there (${plain(was)})`;
    return `${names} ${many ? 'become' : 'becomes'} ${/^"[aeiou]/.test(is) ? 'an' : 'a'} ${plain(is)} (${plain(was)} before)`;
  }
  if (what.startsWith(dropped)) {
    const capability = what.slice(dropped.length);
    return is === undefined
      ? `${names} no longer ${many ? 'drop' : 'drops'} the capability ${capability}`
      : `${names} ${many ? 'drop' : 'drops'} the capability ${capability}`;
  }
  if (what.startsWith(asked)) {
    const capability = what.slice(asked.length);
    return is === undefined ? `${capability} no longer asked for by ${names}` : `${capability} asked for by ${names}`;
  }
  const change = `${labelOf(what)} ${shown(what, was, is)} -> ${shown(what, is, was)}`;
  return names === '' ? change : `${names}: ${change}`;
}

/** `env.PROXY_CONFIG` as `env PROXY_CONFIG`; `requests.cpu` as it is. */
const labelOf = (what: string): string =>
  what
    .replace(/^(env|labels|annotations|volumes|ports|mounts)\./, (root) => `${singular[root] ?? root} `)
    .replace(/^pod\./, '');
const singular: Readonly<Record<string, string>> = {
  'env.': 'env',
  'labels.': 'label',
  'annotations.': 'annotation',
  'volumes.': 'volume',
  'ports.': 'port',
  'mounts.': 'mount',
};

const plain = (json = ''): string => json.replace(/^"(.*)"$/s, '$1');

const shownMax = 60;

/** Of two long values, from shortly before the place where they differ. */
function shown(what: string, json: string | undefined, other: string | undefined): string {
  if (json === undefined) return 'none';
  if (what.startsWith('env.') && isSecret(what)) return '(not shown)';
  const text = plain(json);
  const against = plain(other);
  if (what === 'image' || Math.max(text.length, other === undefined ? 0 : against.length) <= shownMax) return text;
  let alike = 0;
  while (other !== undefined && alike < text.length && text[alike] === against[alike]) alike++;
  const start = Math.max(0, alike - 20);
  return `${start > 0 ? '...' : ''}${text.slice(start, start + shownMax)}${start + shownMax < text.length ? '...' : ''}`;
}
