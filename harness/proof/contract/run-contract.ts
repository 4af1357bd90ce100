import type { ContractBackend } from './backend.ts';
import { ApplyingCases } from './cases/applying.ts';
import { DeletingCases } from './cases/deleting.ts';
import { DiscoveryCases } from './cases/discovery.ts';
import { EvictionCases } from './cases/eviction.ts';
import { GenerationCases } from './cases/generations.ts';
import { ListingCases } from './cases/listing.ts';
import { PatchingCases } from './cases/patching.ts';
import { RolloutCases } from './cases/rollouts.ts';
import { TableCases } from './cases/tables.ts';
import { WatchingCases } from './cases/watching.ts';
import { WebhookCases } from './cases/webhooks.ts';
import { WritingCases } from './cases/writing.ts';
import type { ContractCase } from './contract-case.ts';
import { comparable, type Observation } from './observation.ts';
import { Scene } from './scene.ts';

export const ContractCases: readonly ContractCase[] = [
  ...WritingCases,
  ...PatchingCases,
  ...ApplyingCases,
  ...GenerationCases,
  ...ListingCases,
  ...WatchingCases,
  ...DeletingCases,
  ...EvictionCases,
  ...WebhookCases,
  ...TableCases,
  ...DiscoveryCases,
  ...RolloutCases,
];

/** Looks at one claim in a namespace of its own. */
export async function observe(backend: ContractBackend, { look, title }: ContractCase): Promise<Observation> {
  const ns = `contract-${ContractCases.findIndex((other) => other.title === title)}`;
  const scene = new Scene(backend, ns);
  const created = await scene.post('/api/v1/namespaces', { metadata: { name: ns } });
  if (created.status !== 201) throw new Error(`namespace ${ns}: ${JSON.stringify(created.body)}`);
  await backend.untilUsable(ns);
  try {
    return comparable(await look(scene), scene.words);
  } finally {
    await scene.end();
  }
}
