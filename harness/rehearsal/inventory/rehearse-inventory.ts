import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderHtmlReport } from '../../../src/report/html/render-html-report.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Expectation } from '../scenarios/expectations.ts';
import { claimsOf } from './claims.ts';
import { configForInventory } from './config-for-inventory.ts';
import { InventoryUnfit } from './origin.ts';
import { type Prediction, predict } from './predict.ts';
import { readInventory } from './read-inventory.ts';
import { renderPrediction } from './render-prediction.ts';

export interface InventoryRehearsal {
  inventory: string;
  /** An istio-upgrade.yaml; left out: a sensible one. */
  config?: string | undefined;
  /** Only its release is taken: the mesh is the inventory's. */
  scenario?: Scenario | undefined;
  seed: number;
  reportFolder: string;
  tell: (text: string) => void;
}

export interface RehearsedInventory {
  prediction: Prediction;
  failed: readonly Expectation[];
  /** Of the simulated run; absent when the engine refused to begin. */
  report: RunReport | undefined;
  /** The prediction as JSON; the page lies beside it. */
  file: string;
}

/**
 * Upgrades an inventory's mesh on the simulator, and says what would happen; the report is a page, and the same as JSON.
 * @throws InventoryUnfit; ConfigError
 */
export async function rehearseInventory({
  inventory: file,
  config,
  scenario,
  seed,
  reportFolder,
  tell,
}: InventoryRehearsal): Promise<RehearsedInventory> {
  const inventory = readInventory(file);
  if (scenario !== undefined && scenario.faults.length > 0)
    throw new InventoryUnfit(
      `scenario ${scenario.name} breaks more than the release; with an inventory only that can be`,
    );
  const absent = (scenario?.release.errorsIn ?? []).filter((name) =>
    inventory.namespaces.every((each) => each.name !== name),
  );
  if (absent.length > 0)
    throw new InventoryUnfit(`scenario ${scenario?.name} fails in ${absent.join(', ')}, which the inventory has not`);
  tell(`Rehearsal of inventory ${file}, seed ${seed}\n\n`);
  const { prediction, report } = await predict(inventory, configForInventory(config, inventory), {
    seed,
    tell,
    scenario,
  });
  const { list, failed } = claimsOf(prediction);
  mkdirSync(reportFolder, { recursive: true });
  const json = join(reportFolder, `rehearsal-report-inventory-${prediction.release}.json`);
  writeFileSync(
    json,
    `${JSON.stringify({ ...prediction, claims: list, reports: report === undefined ? [] : [report] }, null, 2)}\n`,
  );
  const page = json.replace(/json$/, 'html');
  const title = `Rehearsal of the inventory, release ${prediction.release}: Istio ${prediction.from} to ${prediction.to}`;
  writeFileSync(page, renderHtmlReport(report === undefined ? [] : [report], { title, expectations: list }));
  tell(`\n${renderPrediction(prediction).join('\n')}\n\nBefore the real one\n`);
  for (const { claim, holds, saw } of list) tell(`  ${holds ? '✔' : '✘'} ${claim}${holds ? '' : `: ${saw}`}\n`);
  tell(`\n  Report: ${page}, as JSON: ${json}\n`);
  return { prediction, failed, report, file: json };
}
