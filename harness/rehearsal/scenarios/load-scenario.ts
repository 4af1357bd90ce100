import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { ConfigFinding, Path } from '../../../src/config/complaint.ts';
import { type Complaint, pathText } from '../../../src/config/complaint.ts';
import { ConfigError } from '../../../src/config/config-errors.ts';
import { readYaml, type YamlSource } from '../../../src/config/yaml-source.ts';
import { rehearsalConfig, simConfigText } from '../backends/rehearsal-config.ts';
import type { Scenario } from '../model/scenario.ts';
import { scenarioSchema } from '../model/scenario-schema.ts';
import { meaningFindings, shapeFindings } from './scenario-findings.ts';

/**
 * Reads a scenario's file.
 * @throws ScenarioInvalid with every complaint at once, each with file, line and column
 */
export function loadScenario(file: string): Scenario {
  return parseScenario(readFileSync(file, 'utf8'), file);
}

export class ScenarioInvalid extends Error {
  override readonly name = 'ScenarioInvalid';
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(
      complaints
        .map(({ file, line, column, message, instead }) => `${file}:${line}:${column}: ${message}; ${instead}`)
        .join('\n'),
    );
    this.complaints = complaints;
  }
}

export function parseScenario(text: string, file: string): Scenario {
  const source = readYaml(text);
  const problems = source.problems.map(
    ({ place, message, instead }): Complaint => ({ file, ...place, path: '', message, instead }),
  );
  if (!source.readable) throw new ScenarioInvalid(problems);
  const parsed = scenarioSchema.safeParse(source.data ?? {});
  const findings = parsed.success
    ? [...meaningFindings(parsed.data, source.data), ...configFindings(parsed.data.config)]
    : shapeFindings(parsed.error.issues);
  const complaints = [...problems, ...findings.map((finding) => placed(finding, source, file))];
  if (complaints.length > 0 || !parsed.success) throw new ScenarioInvalid(inFileOrder(complaints));
  return { ...parsed.data, name: basename(file, extname(file)) };
}

/** The config is the product's: its own complaints, at the places of this file. */
function configFindings(overlay: Readonly<Record<string, unknown>>): ConfigFinding[] {
  try {
    rehearsalConfig(simConfigText(), overlay);
    return [];
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure;
    return failure.complaints.map(({ path, message, instead }) => ({
      path: ['config', ...stepsOf(path)],
      message: `config: ${message}`,
      instead,
    }));
  }
}

/** `waves[0].atOnce` is `['waves', 0, 'atOnce']`. */
const stepsOf = (path: string): Path =>
  [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? (key ?? '') : Number(index),
  );

function placed(finding: ConfigFinding, source: YamlSource, file: string): Complaint {
  const { path, message, instead } = finding;
  return { file, ...source.placeOf(finding), path: pathText(path), message, instead };
}

const inFileOrder = (complaints: readonly Complaint[]): Complaint[] =>
  complaints.toSorted((a, b) => a.line - b.line || a.column - b.column);
