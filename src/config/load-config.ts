import * as gatePromql from '../promql/lint-promql.ts';
import type { Complaint, ConfigFinding, Path } from './complaint.ts';
import { pathText } from './complaint.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-errors.ts';
import { draftWithout } from './draft.ts';
import type { PromqlLint } from './gate-rules.ts';
import { resolveConfig } from './resolve-config.ts';
import { configSchema } from './schema.ts';
import { semanticFindings } from './semantic-checks.ts';
import { shapeFindings } from './shape-findings.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/**
 * Reads a config; asks neither the disk nor the environment.
 * @param fileName as the user named it: it stands in complaints, and its folder is where the config's relative paths begin
 * @throws ConfigError CONFIG_INVALID with every complaint at once
 */
export function loadConfig(text: string, fileName: string, promql: PromqlLint = gatePromql): Config {
  const source = readYaml(text);
  const parsed = configSchema.safeParse(source.data ?? {});
  const shape = source.readable ? shapeFindings(parsed.error?.issues ?? [], source.data ?? {}) : [];
  const draft = draftWithout(
    source.data,
    shape.map(({ path }) => path),
  );
  const findings = source.readable ? [...shape, ...semanticFindings(draft, promql)] : [];
  const complaints = [
    ...yamlComplaints(source, fileName),
    ...findings.map((finding) => placed(finding, source, fileName)),
  ];
  if (complaints.length > 0 || !parsed.success) throw new ConfigError(inFileOrder(complaints));
  const placeOf = (path: Path) => {
    const { line, column } = source.placeOf({ path });
    return `${fileName}:${line}:${column}`;
  };
  return resolveConfig(parsed.data, fileName, placeOf);
}

function yamlComplaints({ problems }: YamlSource, file: string): Complaint[] {
  return problems.map(({ place, message, instead }) => ({ file, ...place, path: '', message, instead }));
}

function placed(finding: ConfigFinding, source: YamlSource, file: string): Complaint {
  const { path, message, instead } = finding;
  return { file, ...source.placeOf(finding), path: pathText(path), message, instead };
}

function inFileOrder(complaints: readonly Complaint[]): Complaint[] {
  return complaints.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
