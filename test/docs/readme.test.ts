import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { complaintsAboutWorkflow } from '../../harness/proof/runner/workflow-file.ts';
import { withSection } from '../../harness/tools/action-docs.ts';
import { inputsSchema } from '../../src/action/inputs.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { failureCodes, outcomes } from '../../src/model/outcome.ts';
import { verbs } from '../../src/verbs/index.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

describe('the README', () => {
  it('shows a workflow that the parser of GitHub accepts, with inputs that exist', async () => {
    const workflow = /```yaml\n(# \.github[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(complaintsAboutWorkflow('istio-upgrade.yml', workflow)).toEqual([]);
    expect(complaintsAboutWorkflow('istio-upgrade.yml', workflow.replace('runs-on:', 'run-on:'))).not.toEqual([]);
    const { jobs } = parse(workflow) as { jobs: { upgrade: { steps: { with?: object }[] } } };
    const given = jobs.upgrade.steps.flatMap((step) => Object.keys(step.with ?? {}));
    expect(given).toContain('command');
    expect(given.filter((name) => !(name in inputsSchema.shape))).toEqual([]);
  });

  it('has at most 120 lines', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(121);
  });

  it('answers in its first forty lines what it is, whether it is safe and how to try it', () => {
    const first = readme.split('\n').slice(0, 40).join('\n');
    for (const answer of ['**revision canary**', '## Is it safe?', '## Try it', 'docs/first-upgrade.md'])
      expect(first).toContain(answer);
  });
});

describe('docs/shell.md', () => {
  const shell = readFileSync(join(root, 'docs/shell.md'), 'utf8');

  it('shows a config that can be loaded', () => {
    const yaml = /```yaml\n(# istio-upgrade\.yaml[\s\S]*?)```/.exec(shell)?.[1] ?? '';
    expect(loadConfig(yaml, 'istio-upgrade.yaml').waves.map(({ name }) => name)).toEqual(['canary', 'rest']);
  });

  it('lists the exit codes of the program', () => {
    const wanted = Object.values({ ...outcomes, ...failureCodes })
      .sort((a, b) => a.exitCode - b.exitCode)
      .map(({ exitCode, meaning }) => `| ${exitCode} | ${meaning} |`);
    const table = shell.slice(shell.indexOf('| code | meaning |'), shell.indexOf('## Rights')).trim().split('\n');
    expect(table.slice(2)).toEqual(wanted);
  });

  it('lists every command', () => {
    const listed = [...shell.matchAll(/^\| (`(?:\\\||[^|])*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+)/g)].map(([, name]) => name),
    );
    expect(listed.toSorted()).toEqual(['explain', ...Object.keys(verbs)].toSorted());
  });
});

describe('docs/action.md and action.yml', () => {
  it.for(['docs/action.md', 'action.yml'] as const)(
    'list in %s the inputs and outputs of the program (npm run docs)',
    (file) => {
      const text = readFileSync(join(root, file), 'utf8');
      expect(text).toBe(withSection(file, text));
    },
  );
});

describe('README.md, ARCHITECTURE.md, CONTRIBUTING.md and docs/', () => {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`);
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...inDocs]
    .filter((file) => file.endsWith('.md'))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

  it.for(documents)('name only npm scripts that exist ($file)', ({ text }) => {
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => packageJson.scripts[name] === undefined)).toEqual([]);
  });

  it.for(documents)('link only to files and headings that exist ($file)', ({ file, text }) => {
    const links = [...text.matchAll(/\]\((?!http)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, target = '', heading]) => {
      const path = target === '' ? join(root, file) : join(root, dirname(file), target);
      if (!existsSync(path)) return true;
      return heading !== undefined && path.endsWith('.md') && !anchorsOf(readFileSync(path, 'utf8')).includes(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

/** As GitHub makes them. */
const anchorsOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );

describe('ARCHITECTURE.md', () => {
  it('gives a reason for every dependency, and every version is pinned', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const all = { ...packageJson.dependencies, ...packageJson.devDependencies };
    expect(Object.keys(all).filter((name) => !text.includes(name))).toEqual([]);
    expect(Object.values(all).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
