import { configSchema } from './schema.ts';
import { readYaml } from './yaml-source.ts';

/**
 * Which mesh a config is for, also if the rest of it does not validate.
 * @returns undefined if that is not certain: the text is not YAML, `mesh` has a mistake, or a key that does not exist may mean it
 */
export function meshNamedIn(
  text: string,
): { tag: string; namespace: string; cluster?: string | undefined } | undefined {
  const { data, problems } = readYaml(text);
  if (problems.length > 0 || typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const { mesh } = data as { mesh?: unknown };
  const hasUnknownKey = Object.keys(data).some((key) => !(key in configSchema.shape));
  if (mesh === undefined && hasUnknownKey) return undefined;
  const parsed = configSchema.shape.mesh.safeParse(mesh);
  return parsed.success
    ? { tag: parsed.data.tag, namespace: parsed.data.namespace, cluster: parsed.data.cluster }
    : undefined;
}
