import { describe, expect, it } from 'vitest';
import { isFailed, rows } from '../../../src/gate/connections/endings.ts';

describe('whether a TCP connection has failed', () => {
  it.for([
    { flags: '-', is: false, since: 'it was served' },
    { flags: 'UF,URX', is: true, since: 'its server did not take it, after the last attempt' },
    { flags: 'UF', is: true, since: 'its server did not take it' },
    { flags: 'URX', is: true, since: 'no attempt is left' },
    { flags: 'UH', is: true, since: 'there is no healthy host' },
    { flags: 'NC', is: true, since: 'there is no cluster' },
    { flags: 'UO', is: true, since: 'there are too many' },
    { flags: 'NR', is: true, since: 'there is no filter chain' },
    { flags: 'UAEX', is: true, since: 'the external authorization refused it' },
    { flags: 'DT', is: false, since: 'its longest duration was over' },
    { flags: 'DC', is: false, since: 'its caller hung up' },
    { flags: '', is: false, since: 'nothing is known; that flags are missing is found before the upgrade' },
  ])('is $is with the flags "$flags": $since', ({ flags, is }) => {
    expect(isFailed({ response_flags: flags })).toBe(is);
  });

  it('has a row for each flag that these cases name, with its source', () => {
    expect(rows.flatMap(({ flags }) => flags)).toEqual(['UF', 'URX', 'UH', 'NC', 'UO', 'NR', 'UAEX', 'DT', 'DC']);
    expect(rows.filter(({ why }) => !why.includes('https://'))).toEqual([]);
  });
});
