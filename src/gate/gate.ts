import type { Evidence, JudgedRatio, Verdict } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import type { Answer } from '../ports/prometheus.ts';
import type { Asking, Reading } from './asking.ts';
import type { Memory } from './remember.ts';

/**
 * One question about a wave, from its PromQL to its words. To add one: its evidence in src/model/evidence.ts, its file in
 * gates/, its line in gates/gates.ts; collecting, judging, checking beforehand and charts follow.
 */
export interface Gate<Counted> {
  /** In verdicts and tables, for example `server-side errors`. */
  label: string;
  about: Subject;
  /** Its evidence before the first sample that counts, and in journals of releases that did not have it. */
  nothing: Counted;
  /** From readings of Prometheus to evidence. Asks for each reading at the moment that it needs; equal questions are asked once. */
  count(look: Look): Asking<Counted, Reading>;
  /** @param evidence all that the look found: what is enough of one number may depend on another */
  judge(counted: Counted, settings: GateSettings, evidence: Evidence): readonly Judgement[];
  /** Before anything is changed: does this gate get data, and does it fail already? Empty if other gates prove that its metrics exist. */
  inspect(beforehand: Beforehand): readonly Asking<readonly Finding[], Answer>[];
  /** Why no number of this evidence can be trusted, if so. */
  blindness?(counted: Counted, evidence: Evidence): string | undefined;
  /** Of a gate that judges shares of requests: what charts draw. */
  ratios?(counted: Counted, settings: GateSettings, evidence: Evidence): readonly JudgedRatio[];
  /** Of a gate that counts requests or connections: what it counted in all; `of` may say that there were none. */
  traffic?: {
    label: string;
    counts?: 'connections';
    of(counted: Counted): { requests: number; errors: number } | undefined;
  };
}

/** The order of the subjects in a verdict; in each, answers about the whole wave come before those about a part of it. */
export const subjects = ['telemetry', 'traffic', 'control plane', 'config'] as const;
export type Subject = (typeof subjects)[number];

/** The judgement of one gate about one number. */
export interface Judgement {
  verdict: Verdict;
  value: string;
  limit: string;
  /** When it is not about the whole wave: of which part, for example a namespace. */
  part?: string;
  /** Instead of the gate's label. */
  label?: string;
  /** More fails than usual, and nothing tells whether the release or the surroundings are the cause. */
  isUnclear?: true;
}

/** What queries are about. */
export interface Scope {
  wave: string;
  namespaces: readonly string[];
  /** The Deployment's name of the istiod that matters, for example `istiod-1-31-0`. */
  istiod: string;
  variables: Readonly<Record<'revision' | 'from', string>>;
  settings: GateSettings;
}

/** A wave that has begun. */
export interface Begun {
  namespaces: readonly string[];
  /** When its last pod was ready, Unix milliseconds; absent while it moves. */
  readyAt?: number;
}

/** Waves that are asked about in the same queries. */
export interface Together {
  namespaces: readonly string[];
  /** `namespace/pod` of their live pods on the new revision. */
  pods: ReadonlySet<string>;
}

export interface Scraped {
  /** When each pod in their namespaces was scraped last, Unix seconds. */
  at: ReadonlyMap<string, number>;
  /** What makes a query count their own pods alone; absent if only the pods in its answer tell. */
  restriction?: Restriction;
}

export interface Restriction {
  /** Beside the matchers of a view. */
  matchers: readonly string[];
  /** Follows a vector that has a series for each pod. */
  join: string;
}

/** One reading of evidence for one wave. Times are the cluster's, Unix milliseconds. */
export interface Look extends Scope {
  /** `namespace/pod` of the wave's live pods that the new revision injected, with the workload of each. */
  pods: ReadonlyMap<string, string>;
  /** Before its first restart. */
  startedAt: number;
  /** When its last pod was ready; absent while it moves. */
  readyAt?: number;
  /** Whether it has passed and is only watched. */
  passed: boolean;
  /** Whether it had no pods when it began, and has none now. */
  empty?: true;
  /** Workloads whose pods are all ready, by id. */
  ready: ReadonlySet<string>;
  /** Workloads that alone are looked at, as `namespace/name`: the gateways among all that runs in their namespaces. */
  only?: ReadonlySet<string>;
  until: number;
  /** The waves of this turn whose questions about the same time are one. Gateways are asked about alone. */
  together: Together;
  /** Of the pods of these waves, and of others in their namespaces. */
  scraped: Scraped;
  /** All waves that have begun: other namespaces are the rest of the mesh. */
  begun: readonly Begun[];
  memory: Memory;
}

/** The first wave before its upgrade, under the istiod that it leaves. */
export interface Beforehand extends Scope {
  /** `namespace/pod` of the wave's live pods. One that terminates may run what an earlier attempt rolled back. */
  pods: ReadonlySet<string>;
  /** Whether pods of the new revision may already be there, so that bad numbers are for the gate to judge. */
  started: boolean;
  /** The cluster's clock, Unix milliseconds. */
  now: number;
}

type Labels = Readonly<Record<string, string>>;

/** `namespace/pod` of a series. */
export const podNamer =
  ({ settings: { labels } }: Pick<Scope, 'settings'>) =>
  (series: Labels): string =>
    `${series[labels.namespace] ?? '?'}/${series[labels.pod] ?? '?'}`;

/** Names as a regular expression; namespaces hold no special characters but the dash. */
export const alternation = (names: readonly string[]): string => names.join('|');
