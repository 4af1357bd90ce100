import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

const NODE_STAGES = ['node-initialize.yaml', 'node-heartbeat-with-lease.yaml'];
const POD_STAGES = ['pod-ready.yaml', 'pod-complete.yaml', 'pod-delete.yaml'];
const PORT_FORWARD_CRD = 'kwok.x-k8s.io_portforwards.yaml';

interface Stage {
  spec: { selector: { matchExpressions: object[] } };
}

// A pod of istiod that kwok plays would be Ready without a process, and its webhook would refuse connections.
const NOT_ISTIOD = { key: '.metadata.labels.app', operator: 'NotIn', values: ['istiod'] };

/** kwok's own fast stages, which have to be given: without any it stops with "no stages found". */
export function renderKwokConfig(assets: string): string {
  const stages = [
    ...NODE_STAGES.flatMap((file) => readDocuments<Stage>(join(assets, file))),
    ...POD_STAGES.flatMap((file) => readDocuments<Stage>(join(assets, file))).map(leaveOutIstiod),
  ];
  return stages.map((stage) => stringify(stage)).join('---\n');
}

/** The definition of the objects that lead port-forwards to a process. */
export function readPortForwardCrd(assets: string): unknown {
  const [crd] = readDocuments<unknown>(join(assets, PORT_FORWARD_CRD));
  if (crd === undefined) throw new Error(`${PORT_FORWARD_CRD} is empty`);
  return crd;
}

function leaveOutIstiod(stage: Stage): Stage {
  stage.spec.selector.matchExpressions.push(NOT_ISTIOD);
  return stage;
}

const readDocuments = <T>(path: string): T[] =>
  parseAllDocuments(readFileSync(path, 'utf8'))
    .map((document) => document.toJS() as T | null)
    .filter((document) => document !== null);
