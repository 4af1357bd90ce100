import type { GateSettings } from '../model/gate-settings.ts';
import type { IgnoredFinding } from '../model/ignored-finding.ts';
import type { StandsBack } from '../model/owner.ts';
import type { Strategy } from '../model/plan.ts';
import type { Policy } from '../model/policy.ts';
import type { Portion } from '../model/portion.ts';
import type { Waiver } from '../model/waiver.ts';

/** A config as the rest of the program sees it: defaults filled in, spans in milliseconds, shares as numbers. */
export interface Config {
  /** As it was named when read, for messages. */
  file: string;
  mesh: {
    tag: string;
    namespace: string;
    cluster?: string;
    tagOwner?: StandsBack;
    /** Of the canary's namespaces. */
    namespaceOwner?: StandsBack;
    installer?: InstallerConfig;
  };
  target: TargetConfig;
  strategy: Strategy;
  /** `namespace/name`; empty means every injected gateway that is found. */
  gateways: readonly string[];
  /** At least one; the first is the canary. */
  waves: readonly WaveConfig[];
  gate: GateSettings;
  prometheus: PrometheusSource;
  waivers: readonly Waiver[];
  /** Findings of istioctl that do not stop an upgrade. */
  ignoreFindings: readonly IgnoredFinding[];
  pace: { workloadsAtOnce: number; rolloutTimeoutMs: number; roomTimeoutMs: number; patienceMs: number };
  externalTimeoutMs: number;
  soakMs: number;
  /** `broken`: how many workloads of a wave may fail without a known cause, the greater of the two. */
  on: Policy & { broken: { workloads: number; ratio: number } };
}

/** What the config says about the installer; left out: what the marks on the old istiod say. */
export type InstallerConfig =
  | { kind: 'istioctl' | 'external' }
  | ({ kind: 'command' } & CommandConfig)
  | ({ kind: 'helm' } & HelmConfig);

/** With its defaults, also where only the marks on the old istiod lead to it. */
export interface HelmConfig {
  charts: Record<'base' | 'istiod', { reference: string; repository?: string }>;
  /** A name on the PATH, or a path. */
  binary: string;
  timeoutMs: number;
}

/** Words that `{revision}`, `{version}` and `{tag}` are replaced in. */
interface CommandConfig {
  install: readonly string[];
  remove: readonly string[];
  timeoutMs: number;
  /** In which they are started. */
  folder: string;
}

interface TargetConfig {
  version: string;
  revision: string;
  /** A name on the PATH, or a path. */
  istioctl: string;
  /** Paths. */
  valuesFiles: readonly string[];
  carryOver: boolean;
  /** Paths of settings, as in `set`. */
  accept: readonly string[];
  set: readonly string[];
  /** Whether `version` may be older than the release that runs. */
  allowDowngrade: boolean;
}

export interface WaveConfig {
  name: string;
  /** Names and patterns like `team-*`; `*` alone means all that no other wave names. Empty if labels select them. */
  namespaces: readonly string[] | '*';
  /** A label selector as in a query. */
  selector?: string;
  /** Names and patterns that are left out. */
  except?: readonly string[];
  /** Of the wave's namespaces. */
  atOnce: Portion;
}

/** Where Prometheus answers; what is secret is named here and read by `resolvePrometheusAccess`. */
export interface PrometheusSource {
  /** http, https, or `kubernetes://NAMESPACE/SERVICE:PORT[?scheme=https]`. */
  url: string;
  bearerToken?: Outside;
  basicAuth?: { username: string; password: Outside };
  /** `at` is the `file:line:column` that asks for the credentials of the environment. */
  sigv4?: { region: string; service: string; at: string };
  /** Values may contain `${NAME}` of environment variables. */
  headers: readonly { name: string; value: string; at: string }[];
  ca?: Outside;
  cert?: Outside;
  key?: Outside;
  insecureSkipVerify: boolean;
  timeoutMs: number;
}

/** A value that stands outside the config. `at` is the `file:line:column` that asks for it. */
export type Outside = { from: 'env'; name: string; at: string } | { from: 'file'; path: string; at: string };
