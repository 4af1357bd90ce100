import { describe, expect, it } from 'vitest';
import { notTo, replacedSince } from '../../src/gate/replaced-since.ts';
import { gateSettings } from './gate-fixtures.ts';

const minute = 60_000;
/** The wave that is looked at: `bar`, ready after ten minutes. The scrape interval is 15 s. */
const own = { namespaces: ['bar'], readyAt: 10 * minute };
const look = { namespaces: ['bar'], settings: gateSettings };

describe('replacedSince', () => {
  it.for([
    {
      what: 'another wave that moves',
      begun: [own, { namespaces: ['foo', 'baz'] }],
      from: 12 * minute,
      names: ['baz', 'foo'],
    },
    {
      what: 'another wave until a minute and a scrape after it was ready',
      begun: [own, { namespaces: ['foo'], readyAt: 12 * minute }],
      from: 13 * minute + 14_999,
      names: ['foo'],
    },
    {
      what: 'no wave that has settled',
      begun: [own, { namespaces: ['foo'], readyAt: 12 * minute }],
      from: 13 * minute + 15_000,
      names: [],
    },
    { what: 'the own wave while it moves', begun: [{ namespaces: ['bar'] }], from: 9 * minute, names: ['bar'] },
    {
      what: 'not the own wave once it is ready, since its windows take the restart into account',
      begun: [own],
      from: 10 * minute,
      names: [],
    },
  ])('names $what', ({ begun, from, names }) => {
    expect(replacedSince(from, { ...look, begun })).toEqual(names);
  });
});

describe('notTo', () => {
  it('adds no matcher for none', () => {
    expect(notTo([])).toEqual([]);
  });

  it.for([
    { host: 'agent.baz.svc.cluster.local', isLeftOut: true },
    { host: 'agent.baz.svc.example.org', isLeftOut: true },
    { host: 'agent.baz2.svc.cluster.local', isLeftOut: false },
    { host: 'baz.foo.svc.cluster.local', isLeftOut: false },
    { host: 'api.baz.example.org', isLeftOut: false },
    { host: 'unknown', isLeftOut: false },
  ])('takes $host as a service of baz or qux: $isLeftOut', ({ host, isLeftOut }) => {
    const [matcher = ''] = notTo(['baz', 'qux']);
    const pattern = /^destination_service!~"(.*)"$/.exec(matcher)?.[1] ?? '';
    // Prometheus anchors its patterns.
    expect(new RegExp(`^(?:${pattern})$`).test(host)).toBe(isLeftOut);
  });
});
