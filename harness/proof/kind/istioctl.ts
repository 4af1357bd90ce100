import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../lab/places.ts';

/**
 * The istioctl of a release, downloaded and verified as the Action does it. The Action, which asks for the same releases, then
 * finds it in the tool cache.
 */
export async function findIstioctl(version: string, env: NodeJS.ProcessEnv): Promise<string> {
  // A runner of GitHub has one.
  const cache = env['RUNNER_TOOL_CACHE'] || join(cacheFolder(env), '../tools');
  mkdirSync(cache, { recursive: true });
  process.env['RUNNER_TOOL_CACHE'] = cache;
  // Only here: it brings the libraries of Actions along.
  const { fetchIstioctl } = await import('../../../src/action/fetch-istioctl.ts');
  return await fetchIstioctl({ version });
}
