/**
 * Whose failure a problem is. `release`: the new revision does harm. `workload`: one application does not come up.
 * `surroundings`: API server, nodes, quota, Prometheus, other writers. `person`: the config, or a decision.
 */
export type Blame = 'release' | 'workload' | 'surroundings' | 'person';

/** What a code means for a run, wherever it is met; findings and errors carry it, so that no code has to be known by name. */
export interface Meaning {
  /** Only `release` may lead back by policy; engine/which-way.ts decides. */
  blames: Blame;
  /** The policy of the config that decides whether a problem of the release leads back; `failure` when left out. */
  policy?: 'failure' | 'inconclusive';
  /** A person asked for it: it leads back where that is safe, whatever the policy says. */
  leadsBack?: true;
  /** What a person types once the cause is repaired; `upgrade` when left out. A wave that has failed stays failed. */
  next?: 'rollback';
  /** About one workload alone, which the upgrade can go on without. */
  setsAside?: true;
  /** The new proxy can be the cause: counted against `on.broken`. */
  suspected?: true;
  /** The surroundings do not answer, and may answer again: it is waited for as long as `pace.patience`. */
  mayPass?: true;
  /** Concluded from a change that was not seen: the watched lists are read again before it counts. */
  needsFreshLists?: true;
  /** What istioctl would say next to it proves nothing, or never comes: `precheck` and `analyze` are not asked. */
  rulesOutIstioctl?: true;
  /** About what the gate can see. */
  isAboutGate?: true;
}

/** One entry of the catalogue, for docs/errors.md. */
export interface Entry<C extends string = string> {
  /** Permanent: users search for it. */
  code: C;
  /** What it means, as a sentence without names. */
  title: string;
  /** How it comes about. */
  cause: string;
}

/** A code of a definition. A string is none: only `defineFinding` and `defineError` make them. */
export type DefinedCode<C extends string = string> = C & { readonly [defined]: true };

declare const defined: unique symbol;

const documentation = 'https://github.com/OWNER/istio-canary-upgrade/blob/main/docs/errors.md';

/** The address of the section of a code: GitHub makes an anchor of each heading, in lower case. */
export const docsOf = (code: string): string => `${documentation}#${encodeURIComponent(code.toLowerCase())}`;
