import type { Finding } from '../model/finding.ts';
import type { OutcomeKind } from '../model/outcome.ts';
import { fenced, plain } from './markdown.ts';
import { elapsed } from './render-event.ts';
import { renderFindings } from './render-findings.ts';

/** The result of a rehearsal of an inventory. Nothing in it is trusted: names come from the author of the inventory. */
export interface Rehearsal {
  /** The file. */
  inventory: string;
  from: string;
  to: string;
  kind: OutcomeKind;
  message: string;
  durationMs: number;
  /** What an upgrade should do and did not, and what happened instead. */
  wishes: readonly { claim: string; saw: string }[];
  findings: readonly Finding[];
  /** The whole output, as in a shell. */
  lines: readonly string[];
}

const wishesMax = 20;

/** One line, without the marks of a heading. */
export function rehearsalHeadline({ from, to, kind }: Rehearsal): string {
  const step = `Istio ${plain(from, 80)} → ${plain(to, 80)}`;
  return kind === 'completed' ? `✔ ${step} is completed in a rehearsal` : `✘ ${step} ends ${kind} in a rehearsal`;
}

/** The parts of a comment below its headline, the most important first. */
export function renderRehearsal({ inventory, message, durationMs, wishes, findings, lines }: Rehearsal): string[] {
  return [
    `The mesh of ${plain(inventory, 200)} was upgraded on a simulator; no cluster was asked. ${plain(message, 2_000)}`,
    wishes.length === 0 ? '' : `**Before the real one:**\n\n${wishes.slice(0, wishesMax).map(wish).join('\n')}`,
    findings.length === 0 ? 'There are no findings.' : renderFindings(findings),
    `**Expected time:** ${elapsed(durationMs)}, by the times that its pods took to get ready.`,
    ['<details><summary>What would happen</summary>', '', fenced(lines), '', '</details>'].join('\n'),
  ];
}

const wish = ({ claim, saw }: Rehearsal['wishes'][number]): string =>
  `- not so: ${plain(claim, 200)}${saw === '' ? '' : ` (${plain(saw, 1_000)})`}`;
