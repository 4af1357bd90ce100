import { stringify } from 'yaml';
import { formatDuration } from '../model/duration.ts';
import type { ProposedBake } from './propose-bake.ts';
import type { ProposedWave } from './propose-waves.ts';

/** Everything that the written config says. */
export interface Proposal {
  /** Of the mesh as it is. */
  from: { version: string; revision: string };
  kubernetesVersion: string;
  mesh: { tag: string; namespace: string; cluster?: string };
  target: { version: string; isNamed: boolean };
  /** `namespace/name`. */
  gateways: readonly string[];
  waves: readonly ProposedWave[];
  /** `isSeen`: it answered, with metrics of Istio. */
  prometheus: { url: string; why: string; isSeen: boolean };
  /** Left out: the default. */
  intervalMs?: number;
  bake: ProposedBake;
}

/** A config with the reason for each value beside it. */
export function renderConfig(proposal: Proposal): string {
  const { from, kubernetesVersion, mesh, target, gateways, waves, prometheus, intervalMs, bake } = proposal;
  const lines: Line[] = [
    note(
      `Written by \`istio-canary-upgrade init\`: Istio ${from.version} -> ${target.version}. Read it, then try \`check\`.`,
    ),
    note('All keys: schema/istio-upgrade.schema.json'),
    'mesh:',
    [`  tag: ${scalar(mesh.tag)}`, `points to ${from.revision}; the upgrade moves it`],
    [`  namespace: ${scalar(mesh.namespace)}`, 'of istiod'],
    ...(mesh.cluster === undefined
      ? []
      : [
          [
            `  cluster: ${scalar(mesh.cluster)}`,
            'the context of the kubeconfig; any other cluster is refused',
          ] as const,
        ]),
    'target:',
    [
      `  version: ${target.version}`,
      target.isNamed
        ? ''
        : `the newest release known to this tool that may follow ${from.version} on Kubernetes ${kubernetesVersion}`,
    ],
    ...(gateways.length === 0
      ? [note('No injected gateway follows the tag, so that stage 4 restarts none.')]
      : [
          ['gateways:', 'restarted in stage 4, before the waves'] as const,
          ...gateways.map((gateway) => `  - ${scalar(gateway)}`),
        ]),
    ['waves:', 'in this order; each restarts, bakes and gets its verdict before the next begins'],
    ...waves.flatMap(({ name, namespaces, why }): Line[] => [
      note(`${why}.`, '  '),
      `  - name: ${scalar(name)}`,
      ...(namespaces === '*' ? ['    namespaces: "*"'] : list('namespaces', namespaces)),
    ]),
    'gate:',
    [`  prometheus: ${scalar(prometheus.url)}`, prometheus.why],
    ...(intervalMs === undefined
      ? []
      : [[`  interval: ${formatDuration(intervalMs)}`, 'the pods are scraped as often'] as const]),
    [
      `  bake: ${formatDuration(bake.bakeMs)}`,
      `from the last ready pod of a wave to its verdict; ${bake.isMeasured ? 'enough at the traffic of the last minutes' : 'the default, because the traffic is not known'}`,
    ],
    ...(bake.maxBakeMs === undefined
      ? []
      : [
          [`  maxBake: ${formatDuration(bake.maxBakeMs)}`, 'until then a tenfold rise of failures is noticed'] as const,
        ]),
    ...(bake.weak.length === 0
      ? []
      : [
          note(
            `Too little traffic to judge: ${bake.weak.join(', ')}. Send load during the bake, or put these namespaces into a wave with traffic; else the run holds there and a person decides.`,
            '  ',
          ),
        ]),
    ['on:', 'rollback or hold'],
    ['  failure: rollback', 'a wave fails by its metrics, or its pods do not start'],
    ['  cancel: hold', 'the run is cancelled'],
    ['  inconclusive: hold', 'a wave had too little traffic for a verdict'],
  ];
  return `${lines.map(rendered).join('\n')}\n`;
}

/** With a remark beside it; an empty one is left out. */
type Line = string | readonly [text: string, remark: string];

const column = 30;

function rendered(line: Line): string {
  if (typeof line === 'string') return line;
  const [text, remark] = line;
  return remark === '' ? text : `${text.padEnd(column)} # ${oneLine(remark)}`;
}

/** A remark on lines of its own. */
const note = (text: string, indent = ''): string => `${indent}# ${oneLine(text)}`;

/** Messages of servers may hold anything; a comment ends with its line. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

/** Some in one line, more in a line each. */
function list(key: string, values: readonly string[]): readonly string[] {
  return values.length <= 4
    ? [`    ${key}: [${values.map(scalar).join(', ')}]`]
    : [`    ${key}:`, ...values.map((value) => `      - ${scalar(value)}`)];
}

/** In quotes where YAML would read something other than this text. */
const scalar = (text: string): string =>
  stringify(text, { lineWidth: 0, defaultStringType: /^[\w./:-]+$/.test(text) ? 'PLAIN' : 'QUOTE_DOUBLE' }).trim();
