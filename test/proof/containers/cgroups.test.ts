import { describe, expect, it } from 'vitest';
import { hierarchies } from '../../../harness/proof/containers/cgroups.ts';

const text = `9:name=systemd:/
4:memory:/accounts/f785
2:cpuacct:/
0::/
`;
const all = () => true;

describe('the hierarchies of cgroup v1', () => {
  it('are read with the options of their mounts and the cgroup of this process', () => {
    expect(hierarchies(text, all)).toEqual([
      { name: 'systemd', options: 'none,name=systemd', here: '/sys/fs/cgroup/systemd' },
      { name: 'memory', options: 'memory', here: '/sys/fs/cgroup/memory/accounts/f785' },
      { name: 'cpuacct', options: 'cpuacct', here: '/sys/fs/cgroup/cpuacct' },
    ]);
  });

  it('do not contain the unified hierarchy, which the engine cannot use', () => {
    expect(hierarchies('0::/user.slice\n', all)).toEqual([]);
  });

  it('do not contain one that is not mounted', () => {
    expect(hierarchies(text, (folder) => !folder.includes('memory')).map(({ name }) => name)).toEqual([
      'systemd',
      'cpuacct',
    ]);
  });
});
