import type { JudgedEvidence } from './evidence.ts';
import type { Wave } from './plan.ts';
import type { Revision } from './revision.ts';

/** Times and verdicts that only the journal knows. Times are the API server's, Unix milliseconds. */
export interface Marks {
  waves: Readonly<Record<string, WaveMarks>>;
  /** When nothing was first seen to refer to `from`; the second reading comes a soak later. */
  unusedSince?: number;
  /** When stage 8 began to remove: from here on there is no rollback. */
  removalBegan?: number;
  tagMovedAt?: number;
  /** Namespaces that were given the new revision by a label, or are about to be, by name: the labels that they had. */
  labelled?: Readonly<Record<string, InjectionLabels>>;
  /** The istiod that this tool installed; left out by releases before this mark, which then count as another installer. */
  installed?: Installed;
  /** Left out by releases before this mark: then every workload counts as healthy. */
  unhealthyBefore?: UnhealthyBefore;
}

/** The labels of a namespace that decide about injection; a label that it does not have is left out. */
export interface InjectionLabels {
  'istio.io/rev'?: string;
  'istio-injection'?: string;
}

/** Whether a namespace has the new revision by a label of this upgrade: from then on pods may run the new proxy. */
export const hasLabelled = ({ labelled = {} }: Pick<Marks, 'labelled'>): boolean => Object.keys(labelled).length > 0;

export interface Installed {
  revision: Revision;
  /** The hash of what was installed; absent until the install was seen to end. */
  manifest?: string;
}

/** Workloads of the mesh with fewer ready pods than they want when the upgrade began, by id. */
export interface UnhealthyBefore {
  workloads: Readonly<Record<string, { desired: number; ready: number }>>;
  /** How many there were besides; these count as healthy. */
  more: number;
}

export interface WaveMarks {
  /** The namespaces that the newest of these marks was given for. Absent in journals of releases that did not record them. */
  namespaces?: readonly string[];
  /** Before its first restart. */
  startedAt?: number;
  /** Whether it had no pods to judge when it began: scaled to zero, without workloads, or waived. */
  empty?: true;
  /** When its last pod was seen ready on `to`: the bake begins. */
  readyAt?: number;
  /** Of stage 4: the gateways that were ready then, as ids. They are restarted one after another, and each begins the bake anew. */
  gateways?: readonly string[];
  verdict?: JudgedEvidence;
  /** Workloads that were set aside when the verdict was given, by id: it says nothing of them. */
  without?: readonly string[];
}

/**
 * The marks of a wave, if they were given for all namespaces that it has now; else none, so that the wave restarts what has joined it
 * and is judged anew as a whole. Namespaces that left take nothing from what was proven of the others. A fail is valid for any set: it
 * says what the release did, and only a person revokes it (`--rejudge`).
 */
export function marksFor({ waves }: Pick<Marks, 'waves'>, { name, namespaces }: Wave): WaveMarks {
  const marks = waves[name];
  if (marks === undefined || marks.verdict?.verdict === 'fail') return marks ?? {};
  const given = new Set(marks.namespaces);
  return marks.namespaces !== undefined && namespaces.every((namespace) => given.has(namespace)) ? marks : {};
}

/** Without the namespaces that left the plan: one that comes back under the same name was not judged. */
export function marksWithin(marks: Marks, waves: readonly Wave[]): Marks {
  const here = new Set(waves.flatMap(({ namespaces }) => namespaces));
  const within = Object.entries(marks.waves).map(([name, wave]) => [
    name,
    wave.namespaces === undefined ? wave : { ...wave, namespaces: wave.namespaces.filter((each) => here.has(each)) },
  ]);
  return { ...marks, waves: Object.fromEntries(within) };
}

/**
 * Bake and verdict end for the waves of these namespaces: a workload in them that was set aside runs the new proxy by now, and was not
 * judged. A fail stays.
 */
export function unjudged(marks: Marks, namespaces: ReadonlySet<string>): Marks {
  const waves = Object.entries(marks.waves).map(([name, wave]) => {
    const isMeant = wave.namespaces?.some((each) => namespaces.has(each)) === true && wave.verdict?.verdict !== 'fail';
    if (!isMeant) return [name, wave];
    const { readyAt: _ready, verdict: _verdict, without: _without, ...kept } = wave;
    return [name, kept];
  });
  return { ...marks, waves: Object.fromEntries(waves) };
}
