import type { Aftermath } from '../engine/finalize.ts';
import { shellWord } from '../model/shell-word.ts';

/** What a verb is asked, through whichever entry point; each reads its own. */
export interface VerbOptions {
  config?: string;
  /** Without a config that can be used: which mesh. Left out: the default, or what `findMesh` finds. */
  tag?: string;
  istioNamespace?: string;
  /** Outranks the config's. */
  istioctl?: string;
  kubeconfig?: string;
  context?: string;
  through?: string;
  plan?: string;
  replan?: boolean;
  rejudge?: boolean;
  /** `upgrade` then shows its plan and makes every check, and writes nothing. */
  dryRun?: boolean;
  removeNew?: boolean;
  /** Start nothing more after this time, as a duration such as `50m`. */
  timeout?: string;
  /** For `finalize`: how the run ended that it follows. */
  after?: Aftermath;
  /** For `status`: show it again and again, until no run is under way. */
  watch?: boolean;
  /** For `unlock`: the run that is known to be dead. */
  holder?: string;
  /** For `export` and `init`: the file to write. */
  out?: string;
  /** For `export`: names that people gave stand as hashes. */
  hashNames?: boolean;
  /** For `init`: the inventory to read instead of a cluster. */
  inventory?: string;
  /** For `init` and `check` without a config: the release to go to. */
  target?: string;
  /** The same: where Prometheus answers. */
  prometheus?: string;
  /** The same: a label selector; the namespaces that it finds, or whose pods it finds, are not the canary. */
  critical?: string;
  /** For `finalize`: only if this run was the last to write the journal. */
  run?: string;
}

/** Of a verb that cannot do without a config. */
export interface ConfiguredOptions extends VerbOptions {
  config: string;
}

/** The command line of a verb with these options, ready to be typed. */
export function commandText(verb: string, options: VerbOptions): string {
  const { config, kubeconfig, context, tag, istioNamespace, istioctl } = options;
  const needsConfig = /^(plan|upgrade)\b/.test(verb) || (config !== undefined && /^check\b/.test(verb));
  const named: Record<string, string | undefined> = needsConfig
    ? { config: config ?? 'FILE' }
    : {
        config,
        tag: config === undefined && tag === 'default' ? undefined : tag,
        'istio-namespace': config === undefined && istioNamespace === 'istio-system' ? undefined : istioNamespace,
        ...(config === undefined ? { istioctl } : {}),
      };
  const given = Object.entries({ ...named, kubeconfig, context }).filter(([, value]) => value !== undefined);
  return [
    'istio-canary-upgrade',
    verb,
    ...given.flatMap(([name, value]) => [`--${name}`, shellWord(value ?? '')]),
  ].join(' ');
}
