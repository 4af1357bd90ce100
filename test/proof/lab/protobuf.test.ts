import { describe, expect, it } from 'vitest';
import { bytesField, readFields, struct, varintField } from '../../../harness/proof/lab/protobuf.ts';

describe('the protobuf wire format', () => {
  it.for([
    { what: 'a small number', bytes: varintField(1, 13), hex: '080d' },
    { what: 'a number of two bytes', bytes: varintField(1, 300), hex: '08ac02' },
    { what: 'a string', bytes: bytesField(2, 'testing'), hex: '120774657374696e67' },
    { what: 'a field number above 15', bytes: bytesField(16, 'a'), hex: '82010161' },
    { what: 'a length above 127', bytes: bytesField(1, 'x'.repeat(200)).subarray(0, 3), hex: '0ac801' },
  ])('encodes $what', ({ bytes, hex }) => {
    expect(bytes.toString('hex')).toBe(hex);
  });

  it('encodes a Struct with every kind of value', () => {
    const encoded = struct({ s: 'x', b: true, n: 1.5, z: null, l: ['a'], o: { k: 'v' } });
    const values = [...readFields(encoded)].map(({ bytes }) => {
      const [key, value] = [...readFields(bytes)];
      return [key?.bytes.toString(), value?.bytes.toString('hex')];
    });
    expect(values).toEqual([
      ['s', '1a0178'],
      ['b', '2001'],
      ['n', '11000000000000f83f'],
      ['z', '0800'],
      ['l', '32050a031a0161'],
      ['o', '2a0a0a080a016b12031a0176'],
    ]);
  });

  it('reads length-delimited fields and skips the others', () => {
    const message = Buffer.concat([varintField(9, 1), bytesField(1, 'one'), bytesField(5, 'five')]);
    expect([...readFields(message)].map(({ field, bytes }) => [field, bytes.toString()])).toEqual([
      [1, 'one'],
      [5, 'five'],
    ]);
  });

  it('refuses a message that is cut short', () => {
    const message = bytesField(1, 'whole').subarray(0, 4);
    expect(() => [...readFields(message)]).toThrow('cut short');
  });
});
