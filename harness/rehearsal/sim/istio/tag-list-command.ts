import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Namespaces, Services } from '../../../../src/ports/kinds.ts';
import type { Registry } from '../api-server/registry.ts';
import { type Command, failed, succeeded, takes } from './istioctl-command.ts';
import { IstioNamespace, RevisionLabel, TagLabel } from './names.ts';
import { textTable } from './text-table.ts';

interface TagDescription {
  tag: string;
  revision: string;
  namespaces: string[];
}

/** `tag list [-o json]`: tags from webhooks and Services, and the revisions that no tag names, as tags without a name. */
export const tagList: Command = async (context, args) => {
  await takes(context, 70);
  const tags = tagsOf(context.registry);
  if (tags.length === 0) return succeeded('No Istio revision tags found.\n');
  const format = args.value('--output') ?? 'table';
  if (format === 'json') return succeeded(`${goJson(tags)}\n`);
  if (format !== 'table') return failed(`not simulated: tag list -o ${format}`, 64);
  const rows = tags.map(({ tag, revision, namespaces }) => [tag, revision, namespaces.join(',')]);
  return succeeded(textTable([['TAG', 'REVISION', 'NAMESPACES'], ...rows], 1));
};

function tagsOf({ store }: Registry): TagDescription[] {
  const objects = [
    ...store.list<KubernetesObject>(MutatingWebhooks),
    ...store.list<KubernetesObject>(Services, IstioNamespace),
  ];
  const found = new Map<string, TagDescription>();
  for (const { metadata } of objects) {
    const { [RevisionLabel]: revision, [TagLabel]: tag = '' } = metadata.labels ?? {};
    if (revision === undefined) continue;
    const namespaces = store
      .list<KubernetesObject>(Namespaces)
      .filter(({ metadata: { labels } }) => labels?.[RevisionLabel] === tag)
      .map(({ metadata: { name } }) => name);
    found.set(`${revision}/${tag}`, { tag, revision, namespaces });
  }
  for (const { tag, revision } of [...found.values()]) if (tag !== '') found.delete(`${revision}/`);
  return [...found.values()].sort((a, b) => compare(a.revision, b.revision) || compare(a.tag, b.tag));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const goJson = (value: unknown): string => JSON.stringify(value, null, '\t');
