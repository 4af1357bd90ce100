import { type DefinedCode, docsOf, type Entry, type Meaning } from './code.ts';
import type { UpgradeError } from './upgrade-error.ts';

/** `blocks` stops the run before anything is touched. */
export type Severity = 'blocks' | 'warns' | 'notes';

/** Something that a check or a stage has to say. Made by its definition, and by nothing else. */
export interface Finding<C extends string = string> {
  code: DefinedCode<C>;
  severity: Severity;
  message: string;
  /** What it is about, by name; at most ten are shown. */
  objects: readonly string[];
  /** What to do about it. */
  fix: string;
  meaning: Meaning;
  /** The address of its section in docs/errors.md. */
  docs: string;
}

/** A finding that stops the run. */
export type Problem<C extends string = string> = Finding<C> & { severity: 'blocks' };

/** One form of the catalogue: what a finding means, how it comes about, and what to do. It stands beside what finds it. */
export interface FindingForm<C extends string = string, S extends Severity = Severity> extends Entry<C>, Meaning {
  severity: S;
  /** What to do, as a sentence without names. */
  fix: string;
}

export interface DefinedFinding<C extends string = string, S extends Severity = Severity> {
  readonly definition: FindingForm<C, S>;
  /** @param fix more exact than the definition's, by name */
  of(message: string, objects?: readonly string[], fix?: string): Finding<C> & { severity: S };
  /** Where the same thing weighs more or less than it usually does. */
  as<T extends Severity>(
    severity: T,
    message: string,
    objects?: readonly string[],
    fix?: string,
  ): Finding<C> & { severity: T };
}

export function defineFinding<const C extends string, const S extends Severity>(
  definition: FindingForm<C, S>,
): DefinedFinding<C, S> {
  const { code, severity: usual, title: _title, cause: _cause, fix: general, ...meaning } = definition;
  const build: DefinedFinding<C, S>['as'] = (severity, message, objects = [], fix = general) => ({
    code: code as DefinedCode<C>,
    severity,
    message,
    objects,
    fix,
    meaning,
    docs: docsOf(code),
  });
  return { definition, of: (...facts) => build(usual, ...facts), as: build };
}

/** Codes of another tool: one entry for all of them, which says where each is explained. */
export interface DefinedFamily<C extends string = string> {
  readonly definition: FindingForm<C>;
  of(code: string, ...facts: Parameters<DefinedFinding<C>['as']>): Finding<C>;
}

/** @typeParam C the form of its codes; the entry's own stands for all of them */
export function defineFamily<C extends string>(definition: FindingForm): DefinedFamily<C> {
  const { as } = defineFinding(definition);
  return {
    definition: definition as FindingForm<C>,
    of: (code, ...facts) => ({ ...as(...facts), code: code as DefinedCode<C> }),
  };
}

/** A failure with an entry in the catalogue stops a run like any other problem. */
export function problemOf<C extends string>(
  error: UpgradeError & { readonly code: DefinedCode<C> },
  objects: readonly string[] = [],
): Problem<C> {
  const { code, message, hint, meaning, docs } = error;
  return { code, severity: 'blocks', message, objects, fix: hint, meaning, docs };
}

export function isProblem<F extends Finding>(finding: F): finding is F & { severity: 'blocks' } {
  return finding.severity === 'blocks';
}
