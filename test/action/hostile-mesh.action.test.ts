import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { enchant } from '../hostile/hostile-mesh.ts';
import {
  expectHarmlessLog,
  expectHarmlessMarkdown,
  expectHarmlessPage,
  expectNoSecret,
  marker,
} from '../hostile/spells.ts';
import { act, mesh } from './acting.ts';

describe('a mesh full of hostile text, in a job', () => {
  it('is upgraded and rolled back, and its text stays inert in log, annotations, summary, outputs and reports', async () => {
    const acting = await mesh();
    enchant(acting.served.sim);
    const ran = await act(acting, { with: { command: 'upgrade' }, debug: true });
    expect(ran.outputs, ran.log).toMatchObject({ outcome: 'rolled-back', revision: '1-30-4' });
    expect(ran.complaints).toEqual([]);
    expect(ran.log).toContain(marker);
    expectNoSecret(ran.log);
    expect(ran.masks).not.toContain('e');
    expect(ran.annotations.length).toBeGreaterThan(0);
    for (const { title = '', message } of ran.annotations) {
      expect([title, message]).not.toContain('owned');
      expectHarmlessLog(`${title}\n${message}`);
    }
    expect(ran.summary).toContain(marker);
    expectHarmlessMarkdown(ran.summary);
    for (const value of Object.values(ran.outputs)) expect(value).not.toMatch(/\n|abracadabra/);
    const json = ran.outputs['report'] ?? '';
    expectHarmlessLog(readFileSync(json, 'utf8'));
    expectHarmlessPage(readFileSync(json.replace(/\.json$/, '.html'), 'utf8'));
  });
});
