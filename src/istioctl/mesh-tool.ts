import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod';
import type { MeshTool } from '../ports/mesh-tool.ts';
import { failure, type IstioctlCalls, read, unreadable } from './istioctl-calls.ts';
import { kubeInject } from './kube-inject.ts';
import { lastWords } from './last-words.ts';
import { parseFindings } from './parse-findings.ts';
import { parseProxyStatus } from './parse-proxy-status.ts';
import { parseVersions } from './parse-versions.ts';
import { readJson } from './read-json.ts';

const clientVersion = z.object({ clientVersion: z.object({ version: z.string().min(1) }) });

/** Checks a mesh, moves its tags and lists its proxies by istioctl. */
export function istioctlMeshTool(calls: IstioctlCalls): MeshTool {
  const { timeouts } = calls;
  return {
    version: async () => {
      const asked = await calls.succeedLocally(['version', '--remote=false', '-o', 'json']);
      return read(asked, (stdout) => clientVersion.parse(readJson(stdout)).clientVersion.version);
    },

    precheck: async () => {
      const asked = await calls.ask(['x', 'precheck', '-o', 'json'], timeouts.analyzeMs);
      const { exitCode, stdout, stderr } = asked;
      // Without findings it prints nothing on stdout, so that the sentence on stderr is the only proof that it looked.
      if (exitCode === 0 && stdout.trim() === '' && stderr.includes('No issues found')) return [];
      // Exit 1 stands for findings as well as for failures; only findings come with JSON.
      if (exitCode !== 0 && !(exitCode === 1 && /^\[/m.test(stdout))) throw failure(asked);
      return read(asked, parseFindings);
    },

    analyze: async (revision) =>
      read(
        await calls.succeed(['analyze', '--all-namespaces', '-o', 'json', '--revision', revision], timeouts.analyzeMs),
        parseFindings,
      ),

    tagConflicts: async (tag, revision) => {
      const asked = await calls.ask(['tag', 'generate', tag, '--revision', revision, '--overwrite'], timeouts.readMs);
      const { exitCode, stdout, stderr } = asked;
      // For example no such revision, or two webhooks that both claim to be it.
      if (exitCode !== 0 && stderr.includes('Error: cannot modify tag:')) return lastWords(asked);
      if (exitCode !== 0) throw failure(asked);
      if (!/^kind: MutatingWebhookConfiguration$/m.test(stdout)) throw unreadable(asked, 'it holds no webhook');
      return stderr.includes('would conflict') ? conflictsIn(stderr) : '';
    },

    inject: async (pod, revision, texts, nativeSidecars) =>
      await kubeInject(calls, pod, revision, texts, nativeSidecars),

    // With -y, since without it a conflict makes istioctl ask on a terminal that is not there, decline, and exit 0.
    setTag: async (tag, revision, { autoInjectNamespaces = false } = {}) => {
      const args = ['tag', 'set', tag, '--revision', revision, '--overwrite', '-y'];
      // Must be repeated: a plain `tag set` removes the webhook that it once added.
      await calls.succeed([...args, ...(autoInjectNamespaces ? ['--auto-inject-namespaces'] : [])], timeouts.writeMs);
    },

    // Without --revision it hangs for ever where the cluster does not answer.
    istiodVersions: async (revision) =>
      read(await calls.succeed(['version', '-o', 'json', '--revision', revision], timeouts.readMs), parseVersions),

    connectedProxies: async (revision) => {
      const asked = await calls.ask(['proxy-status', '-o', 'json', '--revision', revision], timeouts.readMs);
      // No istiod of this revision runs, so that nothing can be connected to it.
      if (asked.exitCode === 1 && asked.stderr.includes('Error: no running Istio pods in')) return [];
      if (asked.exitCode !== 0) throw failure(asked);
      return read(asked, parseProxyStatus);
    },
  };
}

/** One line for each conflict, without the line that announces them. */
function conflictsIn(stderr: string): string {
  const announced = stderr.indexOf('would conflict');
  return stripVTControlCharacters(stderr.slice(stderr.indexOf('\n', announced) + 1)).trim();
}
