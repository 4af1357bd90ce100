import { beginRun } from '../../../src/action/begin-run.ts';
import { outputsOf, type Step } from '../../../src/action/step.ts';
import { tellGitHub } from '../../../src/action/tell-github.ts';
import { InventoryUnusable } from '../../../src/inventory/inventory-errors.ts';
import { type OutcomeKind, outcomes } from '../../../src/model/outcome.ts';
import type { Rehearsal } from '../../../src/report/render-rehearsal.ts';
import type { Ended } from '../../../src/verbs/verb.ts';
import { outcomeOf } from '../../../src/verbs/verb.ts';
import { InventoryUnfit } from './origin.ts';
import { type RehearsedInventory, rehearseInventory } from './rehearse-inventory.ts';
import { renderPrediction } from './render-prediction.ts';

/** The step `run` of action.yml for `command: rehearse`: asks no cluster, and needs neither kubeconfig nor istioctl. */
export async function rehearseStepOfAction(step: Step): Promise<number> {
  const { inputs, log, summary, put } = step;
  const { folder } = beginRun(step);
  const inventory = inputs.inventory ?? '';
  const lines = new Lines((line) => log.line(line));
  const rehearsed = await refusing(() =>
    rehearseInventory({
      inventory,
      config: inputs.config,
      // The same inventory has the same rehearsal, so that a comment changes only when something has.
      seed: 42,
      reportFolder: folder,
      tell: (text) => lines.take(text),
    }),
  );
  put({ report: rehearsed.file });
  const rehearsal = rehearsalOf(inventory, rehearsed);
  const ended = endOf(rehearsal, rehearsed);
  for (const { claim, saw } of rehearsal.wishes)
    log.annotate('warning', 'Before the real one', `Not so: ${claim}. ${saw}`);
  const level = ended.exitCode === 0 ? 'notice' : 'error';
  log.conclude(level, `istio-canary-upgrade: rehearsal, ${rehearsal.kind}`, rehearsal.message);
  const { report } = rehearsed;
  summary.show({
    command: 'rehearse',
    ended: ended.outcome,
    findings: rehearsal.findings,
    lines: rehearsal.lines,
    ...(report === undefined ? {} : { report }),
  });
  put(outputsOf(ended.outcome));
  await tellGitHub(step, { ended, rehearsal });
  return ended.exitCode;
}

/** @throws INVENTORY_UNUSABLE in place of what the harness says */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof InventoryUnfit) throw InventoryUnusable.because(failure, failure.message);
    throw failure;
  }
}

function rehearsalOf(inventory: string, { prediction, failed }: RehearsedInventory): Rehearsal {
  const { from, to, outcome, message, durationMs, findings } = prediction;
  const unique = new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding]));
  return {
    inventory,
    from,
    to,
    // What the engine refuses has touched nothing.
    kind: outcome in outcomes ? (outcome as OutcomeKind) : 'blocked',
    message,
    durationMs,
    wishes: failed.map(({ claim, saw }) => ({ claim, saw })),
    findings: [...unique.values()],
    lines: renderPrediction(prediction),
  };
}

function endOf({ kind, message, findings, lines }: Rehearsal, { prediction, report }: RehearsedInventory): Ended {
  const { stages, waves } = prediction;
  const judged = waves.findLast(({ verdict }) => verdict !== 'not judged');
  return {
    exitCode: outcomes[kind].exitCode,
    outcome: outcomeOf({
      kind,
      message,
      stage: stages.at(-1)?.name ?? '',
      wave: judged?.name ?? '',
      verdict: judged?.verdict ?? '',
      revision: report?.outcome?.revision ?? '',
    }),
    lines,
    document: prediction,
    findings,
  };
}

/** What is told comes in pieces; the log takes lines. */
class Lines {
  readonly #write: (line: string) => void;
  #begun = '';

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  take(text: string): void {
    const lines = `${this.#begun}${text}`.split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) this.#write(line);
  }
}
