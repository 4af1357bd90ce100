import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servedConfig } from '../../harness/rehearsal/sim/serve/served-config.ts';
import { act, surroundings } from './acting.ts';

/** A path that leads nowhere, for an istioctl that is never asked. */
const config = servedConfig('/nonexistent/istioctl');

const cases: {
  what: string;
  given: Record<string, string>;
  config?: string;
  code: string;
  says: RegExp;
  place?: { file: string; line: string };
}[] = [
  { what: 'no command', given: {}, code: 'INPUTS_INVALID', says: /input command: is missing/ },
  { what: 'a command with a slip', given: { command: 'rolback' }, code: 'INPUTS_INVALID', says: /write rollback/ },
  {
    what: 'a config that is not there',
    given: { command: 'check', config: 'nowhere.yaml' },
    code: 'CONFIG_FILE_UNREADABLE',
    says: /nowhere\.yaml/,
  },
  {
    what: 'a config with a mistake, at its line',
    given: { command: 'upgrade' },
    config: config.replace('bake: 12s', 'bake: 12'),
    code: 'CONFIG_INVALID',
    says: /has no unit/,
    place: { file: 'istio-upgrade.yaml', line: '11' },
  },
  {
    what: 'an istioctl that is not there',
    given: { command: 'check' },
    config,
    code: 'ISTIOCTL',
    says: /\/nonexistent\/istioctl/,
  },
  {
    what: 'a secret that nothing reads',
    given: { command: 'check', istioctl: '/bin/true', 'prometheus-token': 'the-token-of-prometheus' },
    config,
    code: 'PROMETHEUS_SECRET_UNUSED',
    says: /Input prometheus-token becomes the variable PROMETHEUS_TOKEN/,
  },
];

describe('action.yml with bad input', () => {
  it.for(cases)(
    'refuses $what before the first request to the cluster',
    async ({ given, config: text, code, says, place }) => {
      const acting = surroundings();
      if (text !== undefined) writeFileSync(join(acting.workspace, 'istio-upgrade.yaml'), text);
      const ran = await act(acting, { with: given });
      expect(ran.conclusion).toBe('failure');
      expect(ran.outputs).toMatchObject({ outcome: 'usage', report: '', stage: '' });
      const [annotation] = ran.annotations;
      expect(annotation).toMatchObject({ level: 'error', ...place });
      expect(annotation?.title).toContain(code);
      expect(annotation?.message).toMatch(says);
      expect(ran.summary).toMatch(/^## ✘ [\w-]+: usage, /);
      expect(ran.summary).toMatch(/\*\*What now:\*\* \S/);
      expect(ran.summary).toMatch(/[Nn]othing was (read from the cluster and nothing was )?changed/);
      expect(ran.log).not.toContain('the-token-of-prometheus');
      expect(ran.complaints).toEqual([]);
    },
  );

  it('says in one line what to do when Node is missing', async () => {
    const acting = surroundings();
    const bare = join(acting.workspace, 'bare');
    mkdirSync(bare);
    symlinkSync('/bin/bash', join(bare, 'bash'));
    const ran = await act({ ...acting, env: { PATH: bare } }, { with: { command: 'upgrade' } });
    expect(ran.conclusion).toBe('failure');
    expect(ran.outputs['outcome']).toBe('usage');
    expect(ran.annotations[0]?.message).toMatch(/needs Node 22\.19 or newer.*actions\/setup-node/);
    expect(ran.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'skipped', 'skipped', 'skipped']);
  });
});
