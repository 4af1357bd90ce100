import { join } from 'node:path';
import { type ActionFile, readAction } from './action-file.ts';
import type { RunOptions } from './job.ts';

/** How deep actions may call each other (actions/runner: Constants.cs). */
const depthMax = 9;

/** Where an action lies: `repository` is what `$/` stands for in it. */
export interface Place {
  folder: string;
  repository: string;
}

/** `./` is below the caller's workspace, `$/` below the repository that the calling action is from; others need a stand-in. */
export function localPlace(
  uses: string,
  { repository }: Place,
  { workspace, local = {} }: RunOptions,
): Place | undefined {
  const here = local[repositoryOf(uses)];
  if (here !== undefined) return { folder: here, repository: here };
  if (uses.startsWith('./')) return { folder: join(workspace, uses), repository: workspace };
  return uses.startsWith('$/') ? { folder: join(repository, uses.slice(2)), repository } : undefined;
}

export const repositoryOf = (uses: string): string => uses.split('@')[0]?.split('/').slice(0, 2).join('/') ?? '';

/**
 * Everything that is used must be there before the first step runs.
 * @throws ActionInvalid for an action that GitHub would refuse; Error for what cannot be run here
 */
export function expectKnown(action: ActionFile, place: Place, options: RunOptions, depth = 1): void {
  if (depth > depthMax) throw new Error(`actions call each other more than ${depthMax} deep`);
  if (action.runs.using !== 'composite')
    throw new Error(`only composite actions can be run here, not ${action.runs.using}`);
  for (const { uses, shell, run } of action.runs.steps) {
    if (run !== undefined && shell !== 'bash') throw new Error(`only shell: bash is known here, not ${shell}`);
    if (uses === undefined) continue;
    const local = localPlace(uses, place, options);
    if (local !== undefined) expectKnown(readAction(local.folder), local, options, depth + 1);
    else if (options.standIns[repositoryOf(uses)] === undefined) throw new Error(`nothing stands in for ${uses}`);
  }
}
