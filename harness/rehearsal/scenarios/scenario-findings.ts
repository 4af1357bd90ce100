import type * as z from 'zod';
import { catalogue, isCode } from '../../../src/catalogue/catalogue.ts';
import { type ConfigFinding, type Path, pathText } from '../../../src/config/complaint.ts';
import type { SchemaNode } from '../../../src/config/json-schema.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { parseRatio } from '../../../src/config/ratio.ts';
import { type ScenarioShape, scenarioJsonSchema } from '../model/scenario-schema.ts';

type Issue = z.core.$ZodIssue;

/** What the schema says against a scenario, in words of the file. */
export function shapeFindings(issues: readonly Issue[]): ConfigFinding[] {
  return issues.flatMap((issue) => shapeFinding(issue, issue.path as Path));
}

function shapeFinding(issue: Issue, path: Path): ConfigFinding[] {
  const name = path.length === 0 ? 'the scenario' : pathText(path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(nodeAt(path)?.properties ?? {});
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const instead = meant === undefined ? `write one of ${known.join(', ')}` : `did you mean "${meant}"?`;
      return { path: [...path, key], at: 'key', message: `${name} has no key "${key}"`, instead };
    });
  }
  const own = issue.code === 'custom' ? issue.params?.['instead'] : undefined;
  const instead = typeof own === 'string' ? own : wanted(path);
  // The library's own words ("Invalid input: ...") are for programmers.
  const message = /^(is|has|names) /.test(issue.message) ? `${name} ${issue.message}` : `${name} cannot be used`;
  return [{ path, message, instead }];
}

function wanted(path: Path): string {
  const node = nodeAt(path);
  const choices = [node, ...(node?.anyOf ?? [])].flatMap((each) => each?.enum ?? each?.const ?? []);
  if (choices.length > 0) return `write ${choices.join(' or ')}`;
  if (node?.type === 'boolean') return 'write true or false';
  const example = node?.examples?.[0] ?? node?.anyOf?.[0]?.examples?.[0];
  if (example !== undefined) return `write for example ${example}`;
  return node?.properties === undefined
    ? 'write it as the schema says'
    : `write a map with ${Object.keys(node.properties).join(', ')}`;
}

function nodeAt(path: Path): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>(
    (node, key) => (typeof key === 'number' ? node?.items : node?.properties?.[key]),
    scenarioJsonSchema() as SchemaNode,
  );
}

/** What not every backend can make. */
const limited: readonly { path: readonly string[]; on: ScenarioShape['backends'] }[] = [
  ...['namespaces', 'traffic', 'tcp', 'errors', 'gatewayApi', 'set', 'authorizer', 'outside'].map((key) => ({
    path: ['mesh', key],
    on: ['sim' as const],
  })),
  { path: ['mesh', 'workloads'], on: ['sim', 'kind'] },
  { path: ['mesh', 'replicas'], on: ['kind'] },
  { path: ['mesh', 'podSecurity'], on: ['sim', 'kind'] },
  { path: ['release', 'istiod'], on: ['sim'] },
  { path: ['release', 'config'], on: ['kind'] },
  { path: ['release', 'failure', 'path'], on: ['kind'] },
  { path: ['release', 'failure', 'noRoute'], on: ['sim', 'lab'] },
  { path: ['release', 'failure', 'lostRoute'], on: ['kind'] },
  { path: ['release', 'failure', 'grpc'], on: ['sim', 'kind'] },
  { path: ['release', 'failure', 'tcp'], on: ['sim'] },
  ...['errorsAfter', 'image', 'crashes'].map((key) => ({
    path: ['release', key],
    on: ['sim' as const, 'kind' as const],
  })),
];

/** The faults that a backend other than the simulator can make. */
const faultsOn: Readonly<Record<Exclude<ScenarioShape['backends'][number], 'sim'>, readonly string[]>> = {
  lab: [],
  kind: ['istiod-crashes'],
};

function faultFindings({ backends, faults }: ScenarioShape): ConfigFinding[] {
  return faults.flatMap(({ kind }, index) => {
    const cannot = backends.filter((backend) => backend !== 'sim' && !faultsOn[backend].includes(kind));
    if (cannot.length === 0) return [];
    const path = ['faults', index, 'kind'];
    const message = `${pathText(path)} ${kind} cannot be made on ${cannot.join(', ')}`;
    return [{ path, message, instead: `remove ${cannot.join(', ')} from backends` }];
  });
}

function istiodFindings({ backends, runs }: ScenarioShape): ConfigFinding[] {
  if (backends.every((backend) => backend === 'sim')) return [];
  return runs.flatMap(({ before }, index): ConfigFinding[] => {
    if (before === undefined || before.istiods.length === 0) return [];
    const path = ['runs', index, 'before', 'istiods'];
    return [{ path, message: `${pathText(path)} is for sim only`, instead: 'write backends: [sim]' }];
  });
}

function isWritten(data: unknown, path: readonly string[]): boolean {
  let at: unknown = data;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !(key in at)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

/** What must hold between fields: nothing that is written may be without effect. */
export function meaningFindings(scenario: ScenarioShape, data: unknown): ConfigFinding[] {
  const { backends, entryPoint, release, runs } = scenario;
  return [
    ...faultFindings(scenario),
    ...istiodFindings(scenario),
    ...limited.flatMap(({ path, on }): ConfigFinding[] => {
      if (!isWritten(data, path) || backends.every((backend) => on.includes(backend))) return [];
      const list = on.join(', ');
      return [
        { path, at: 'key', message: `${pathText(path)} is for ${list} only`, instead: `write backends: [${list}]` },
      ];
    }),
    ...(['errorsAfter', 'errorsFromRun', 'errorsIn', 'failure'] as const)
      .filter((key) => release[key] !== undefined && release.errors === undefined)
      .map((key): ConfigFinding => {
        return {
          path: ['release', key],
          at: 'key',
          message: `release.${key} says nothing without errors`,
          instead: 'write errors too',
        };
      }),
    ...(release.failure?.lostRoute && parseRatio(release.errors ?? 0) !== 1
      ? [
          {
            path: ['release', 'errors'],
            message: 'with a lost route all requests fail',
            instead: 'write errors: 100%',
          } as const,
        ]
      : []),
    ...(entryPoint === 'action' && backends.includes('sim')
      ? [{ path: ['entryPoint'], message: 'no job runs on the simulator', instead: 'write backends: [lab]' } as const]
      : []),
    ...runs.flatMap(({ repaired }, index): ConfigFinding[] => {
      if (repaired === undefined || release.errors !== undefined) return [];
      const path = ['runs', index, 'repaired'];
      return [
        {
          path,
          at: 'key',
          message: `${pathText(path)} says nothing without errors`,
          instead: 'write release: { errors: 20% }',
        },
      ];
    }),
    ...errorsFromRunFindings(scenario),
    ...runs.flatMap((run, index) => changeFindings(run.before, ['runs', index, 'before'], backends)),
    ...runs.flatMap((run, index) => runFindings(run, ['runs', index], entryPoint)),
  ];
}

/** What else a release does wrong is there from the start. */
function errorsFromRunFindings({ release, runs }: ScenarioShape): ConfigFinding[] {
  const { errorsFromRun } = release;
  if (errorsFromRun === undefined) return [];
  const path = ['release', 'errorsFromRun'];
  const other = (['errorsAfter', 'slow', 'config'] as const).filter((key) => release[key] !== undefined);
  return [
    ...(errorsFromRun <= runs.length
      ? []
      : [{ path, message: `${pathText(path)} is after the last run`, instead: `write at most ${runs.length}` }]),
    ...other.map((key): ConfigFinding => {
      const message = `${pathText(path)} cannot be combined with ${key}`;
      return { path, at: 'key', message, instead: `remove ${key}` };
    }),
  ];
}

/** The lab runs no container that could crash, and a person pauses nothing there. */
function changeFindings(
  before: ScenarioShape['runs'][number]['before'],
  path: Path,
  backends: ScenarioShape['backends'],
): ConfigFinding[] {
  if (before === undefined || !backends.includes('lab')) return [];
  const instead = 'write backends: [sim, kind]';
  return [{ path, at: 'key', message: `${pathText(path)} is for sim, kind only`, instead }];
}

function runFindings(
  run: ScenarioShape['runs'][number],
  path: Path,
  entryPoint: ScenarioShape['entryPoint'],
): ConfigFinding[] {
  const finding = (key: string, message: string, instead: string): ConfigFinding => ({
    path: [...path, key],
    at: 'key',
    message: `${pathText([...path, key])} ${message}`,
    instead,
  });
  const ofJobs = (['cancelAt', 'conclusion'] as const).filter((key) => run[key] !== undefined);
  const kills = (['killAt', 'killAfter'] as const).filter((key) => run[key] !== undefined);
  const ended = ['exitCode', 'outcome', 'problem', 'stages', 'verdicts', 'tagBack', 'took'] as const;
  return [
    ...(entryPoint === 'action' ? [] : [...ofJobs, ...(run.summary.length > 0 ? (['summary'] as const) : [])]).map(
      (key) => finding(key, 'needs a job', 'write entryPoint: action'),
    ),
    ...(entryPoint === 'cli' ? [] : kills).map((key) => finding(key, 'needs a process', 'write entryPoint: cli')),
    ...(kills.length === 0 ? [] : ended.filter((key) => run[key] !== undefined)).map((key) =>
      finding(key, 'is unknown of a run that is killed', 'remove it'),
    ),
    ...codeFindings(run.problem, [...path, 'problem']),
    ...(run.through !== undefined && run.verb !== 'upgrade'
      ? [finding('through', 'is for the verb upgrade', 'remove it')]
      : []),
    ...(kills.length === 0 && run.cancelAt === undefined && run.exitCode === undefined
      ? [{ path: [...path, 'verb'], message: `${pathText(path)} expects nothing`, instead: 'write an exitCode' }]
      : []),
  ];
}

/** A misspelt code would only be seen when the rehearsal has run to its end. */
function codeFindings(code: string | undefined, path: Path): ConfigFinding[] {
  if (code === undefined || isCode(code)) return [];
  const meant = nearest(
    code,
    catalogue.map((entry) => entry.code),
  );
  const instead = meant === undefined ? 'write a code of docs/errors.md' : `did you mean "${meant}"?`;
  return [{ path, message: `${pathText(path)} "${code}" is not a code`, instead }];
}
