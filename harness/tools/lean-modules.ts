import type { Plugin } from 'esbuild';

/** Marks what is resolved from here, so that it is not taken up once more. */
const ours = Symbol('resolved for lean-modules');

/** Asking us for every import would take longer than the rest of the build. */
const unusedByClient =
  /^(\.\/(gen\/index|azure_auth|gcp_auth|middleware)\.js|hpagent|js-yaml|socks|socks-proxy-agent)$/;

/**
 * Keeps out of the bundle what packages bring along and nothing here runs: 2.2 of 5.9 MB, and 50 to 60 of the 150 ms that a start may
 * take longer than an empty Node.
 */
export const leanModules: Plugin = {
  name: 'lean-modules',
  setup(build) {
    // @actions/core reaches GitHub with it for OIDC tokens, @actions/tool-cache for downloads, and we do neither: downloads
    // of ours can be stopped. With it an undici of its own, 0.8 MB, would be loaded before the first line of every step.
    build.onResolve({ filter: /^@actions\/http-client(\/|$)/ }, () => ({
      path: '@actions/http-client',
      namespace: 'left-out',
    }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: leftOut, loader: 'js' }));

    // For one function of its config.js the OIDC login of client-node would bring all generated models of Kubernetes, 1 MB,
    // and the proxy agents that dispatcher-for.ts replaces: what it imports only defines things, but does not say so.
    build.onResolve({ filter: unusedByClient }, async ({ path, pluginData, ...from }) => {
      if (pluginData === ours || !from.importer.endsWith('/@kubernetes/client-node/dist/config.js')) return undefined;
      const { importer, resolveDir, kind, namespace, with: attributes } = from;
      const again = { importer, resolveDir, kind, namespace, with: attributes, pluginData: ours };
      return { ...(await build.resolve(path, again)), sideEffects: false };
    });
  },
};

/** Code that uses it by mistake fails. */
const leftOut = `
  export class HttpClient { constructor() { throw new Error('@actions/http-client is not part of this bundle'); } }
  export const BearerCredentialHandler = HttpClient;
`;
