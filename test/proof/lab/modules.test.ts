import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHop } from '../../../harness/proof/lab/hop.ts';
import { DEFAULT_RELEASES, labModules } from '../../../harness/proof/lab/modules.ts';

const namesOf = (modules: ReturnType<typeof labModules>) => modules.map(({ name }) => name);

describe('the modules of a lab', () => {
  it('are the default releases when nothing else is asked', () => {
    expect(namesOf(labModules())).toEqual(['kubernetes', 'istio-1.30.4', 'istio-1.31.0', 'kwok', 'prometheus']);
    expect(DEFAULT_RELEASES).toEqual(['1.30.4', '1.31.0']);
  });

  it('are those of the two releases of a hop and of one Kubernetes, and no others', () => {
    const { from, to } = parseHop('1.31.0-alpha.20260423..1.31.0');
    const modules = labModules({ releases: [from.version, to.version], kubernetes: '1.32' });
    expect(namesOf(modules)).toEqual([
      'kubernetes-1.32',
      'istio-1.31.0-alpha.20260423',
      'istio-1.31.0',
      'kwok',
      'prometheus',
    ]);
  });

  it('name the version that go.mod pins', () => {
    const pinned = (module: string, of: string) =>
      new RegExp(`${of} (\\S+)`).exec(
        readFileSync(join(labModules({ releases: [], kubernetes: module })[0]?.sources ?? '', 'go.mod'), 'utf8'),
      )?.[1];
    expect(pinned('1.36', 'k8s.io/kubernetes')).toBe('v1.36.3');
    expect(pinned('1.36', 'go.etcd.io/etcd/server/v3')).toBe('v3.6.8');
    expect(pinned('1.32', 'k8s.io/kubernetes')).toBe('v1.32.13');
    expect(pinned('1.32', 'go.etcd.io/etcd/server/v3')).toBe('v3.5.16');
  });

  it('are refused for an unknown release of Istio, in one sentence that names the known ones', () => {
    expect(() => labModules({ releases: ['1.29.6', '1.31.0'] })).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: 'The lab has no Istio 1.29.6, only 1.31.0, 1.31.0-alpha.20260423, 1.30.4.',
      }),
    );
  });

  it('are refused for an unknown Kubernetes, in one sentence that names the known ones', () => {
    expect(() => labModules({ kubernetes: '1.33' })).toThrow(
      expect.objectContaining({ exitCode: 2, message: 'The lab has no Kubernetes 1.33, only 1.36 and 1.32.' }),
    );
  });
});

describe('a hop', () => {
  it('names the revisions after the releases', () => {
    expect(parseHop('1.30.4..1.31.0-alpha.20260423')).toEqual({
      from: { version: '1.30.4', revision: '1-30-4' },
      to: { version: '1.31.0-alpha.20260423', revision: '1-31-0-alpha-20260423' },
    });
  });

  it('starts from an installation without a revision when it says so', () => {
    expect(parseHop('1.30.4@default..1.31.0').from).toEqual({ version: '1.30.4', revision: 'default' });
  });

  it.for(['1.30..1.31', '1.30.4', '1.30.4..1.30.4', '1.30.4..1.31.0@default', '1.30.4@main..1.31.0'])(
    '%s is refused',
    (text) => {
      expect(() => parseHop(text)).toThrow('two releases like 1.30.4..1.31.0');
    },
  );
});
