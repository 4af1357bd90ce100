import type { ConfigFinding } from './complaint.ts';
import type { Draft } from './draft.ts';
import { splitWords } from './split-words.ts';

const verbs = ['install', 'remove'] as const;

/** Commands are started without a shell, once for each revision, and get no values of `target`. */
export function commandsCanBeStarted({ mesh, target }: Draft): ConfigFinding[] {
  const installer = mesh?.installer;
  if (typeof installer !== 'object' || !('command' in installer)) return [];
  const { command = {} } = installer;
  const lines = verbs.flatMap((verb): ConfigFinding[] => {
    const line = command[verb];
    if (line === undefined) return [];
    const path = ['mesh', 'installer', 'command', verb];
    const split = typeof line === 'string' ? splitWords(line) : { words: line.flatMap((word) => word ?? []) };
    if ('message' in split) return [{ path, message: `${path.join('.')} ${split.message}`, instead: split.instead }];
    return split.words.some((word) => word.includes('{revision}'))
      ? []
      : [
          {
            path,
            message: `${path.join('.')} does not say which revision it is for`,
            instead: 'put {revision} where your command takes the name of the revision',
          },
        ];
  });
  const unused = (['set', 'values'] as const).filter((key) => [target?.[key] ?? []].flat().length > 0);
  return [
    ...lines,
    ...unused.map((key) => ({
      path: ['target', key],
      message: `target.${key} has no effect, because mesh.installer.command installs the new istiod`,
      instead: 'remove it, and let your command give these settings',
    })),
  ];
}
