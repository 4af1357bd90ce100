/**
 * The folders from the top down. A file may import, types included, only from folders below its own, so that no folder can
 * import itself in a circle. ARCHITECTURE.md shows this list (`npm run docs`), and test/architecture.test.ts enforces it.
 */
export const layers = {
  'harness/tools': 'what builds dist/, documents and schemas',
  'harness/proof/reliability': 'many rehearsals of one scenario on kind, and what their clients got',
  'harness/proof/compatibility': 'which releases of Istio and Kubernetes were rehearsed, and how that went',
  'harness/proof/bench': 'what an upgrade costs, measured, beside a plain script',
  'harness/proof/faults': 'the engine under every fault, and the invariants',
  'harness/proof/contract': 'what the simulator claims and the lab confirms',
  'harness/rehearsal': '`npm run rehearse`',
  'harness/rehearsal/inventory': 'the upgrade of an exported mesh, rehearsed on the simulator',
  'harness/rehearsal/scenarios': 'scenarios as files, and what they claim',
  'harness/rehearsal/backends': 'simulator, lab and kind behind one interface',
  'harness/rehearsal/sim': 'Kubernetes, Istio and Prometheus in virtual time',
  'harness/rehearsal/model': 'the words of a rehearsal: scenario, backend',
  'harness/proof/restarts': 'what restarts cost on real proxies',
  'harness/proof/containers': 'a Docker engine and a kind node image, from packages alone',
  'harness/proof/kind': 'clusters in containers',
  'harness/proof/lab': 'real control planes as processes',
  'harness/proof/runner': "GitHub's runner for composite actions",
  src: 'the entry of the bundle',
  'src/cli': 'the entry point of the command line; the only one that imports commander',
  'src/catalogue': 'every code that a run can meet, and what it means',
  'src/action': 'the entry point of the GitHub Action; the only one that imports @actions/*',
  'src/verbs': 'what the commands do, a file for each; `connect.ts` wires the adapters',
  'src/notify': 'webhooks to chat',
  'src/proposal': 'the config that `init` proposes for a mesh',
  'src/inventory': 'a mesh written down for a rehearsal elsewhere',
  'src/engine': 'the loop, the journal, the lock, the rollback',
  'src/stages': 'step N of the procedure is file N',
  'src/plan': 'plan as data, hash, goal',
  'src/checks': 'everything that looks before the upgrade',
  'src/rollout': 'what to restart next, how a wave progresses',
  'src/effects': 'everything that a run may write, one file for each kind',
  'src/mesh': 'injection, tags, and `observe/`, which reads a snapshot aspect by aspect',
  'src/gate': 'evidence from counters, and the verdict',
  'src/workloads': 'how each kind of workload rolls',
  'src/report': 'what people and machines read about a run',
  'src/config': 'schema, and complaints with file:line:column',
  'src/promql': "Prometheus' own grammar, for queries of the config",
  'src/installers': 'adapter: installers other than istioctl',
  'src/istioctl': 'adapter: the istioctl process',
  'src/prometheus': 'adapter: Prometheus over HTTP or through the API server',
  'src/kubernetes': 'adapter: the API server, and the mirror of what is watched',
  'src/github': 'adapter: comments, issues and deployments',
  'src/network': 'HTTP connections, deadlines, and why no answer came',
  'src/secrecy': 'what must not be printed',
  'src/ports': 'what the middle knows of the adapters',
  'src/model': 'the vocabulary; imports nothing but itself',
} as const satisfies Readonly<Record<string, string>>;

export type Layer = keyof typeof layers;

const names = Object.keys(layers) as Layer[];

/** The layer that holds a file of src/ or harness/: the longest folder name that fits. @throws Error for a folder without a layer */
export function layerOf(file: string): Layer {
  const folder = file.slice(0, file.lastIndexOf('/'));
  const found = names
    .filter(
      (name) => folder === name || (folder.startsWith(`${name}/`) && name !== 'src' && name !== 'harness/rehearsal'),
    )
    .sort((a, b) => b.length - a.length)[0];
  if (found === undefined) throw new Error(`${file} is in no layer of harness/tools/layers.ts`);
  return found;
}

/** How far down a layer is; 0 is the top. */
export const depthOf = (layer: Layer): number => names.indexOf(layer);

/** ARCHITECTURE.md with its drawing as it should be. @throws Error when it has no place for one */
export function withLayers(text: string): string {
  const [begin, end] = ['<!-- begin: layers -->\n', '<!-- end: layers -->'];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('ARCHITECTURE.md has no lines "begin: layers" and "end: layers"');
  return `${text.slice(0, from)}${begin}${renderLayers()}\n${text.slice(to)}`;
}

function renderLayers(): string {
  const width = Math.max(...names.map((name) => name.length));
  return ['```', ...names.map((name) => `${name.padEnd(width)}  ${layers[name].replaceAll('`', '')}`), '```'].join(
    '\n',
  );
}
