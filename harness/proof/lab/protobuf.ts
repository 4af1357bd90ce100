/** The part of the protobuf wire format that xDS discovery needs: length-delimited fields, varints and doubles. */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

const tag = (field: number, wireType: number) => varint(field * 8 + wireType);

export const varintField = (field: number, value: number) => Buffer.concat([tag(field, VARINT), varint(value)]);

/** A string, bytes or a message. */
export function bytesField(field: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([tag(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** `google.protobuf.Struct` */
export function struct(fields: { readonly [key: string]: JsonValue }): Buffer {
  const entries = Object.entries(fields).map(([key, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, key), bytesField(2, structValue(value))])),
  );
  return Buffer.concat(entries);
}

/** `google.protobuf.Value` */
function structValue(value: JsonValue): Buffer {
  if (value === null) return varintField(1, 0);
  if (typeof value === 'string') return bytesField(3, value);
  if (typeof value === 'boolean') return varintField(4, value ? 1 : 0);
  if (typeof value === 'number') {
    const double = Buffer.alloc(8);
    double.writeDoubleLE(value);
    return Buffer.concat([tag(2, FIXED64), double]);
  }
  if (isList(value)) return bytesField(6, Buffer.concat(value.map((item) => bytesField(1, structValue(item)))));
  return bytesField(5, struct(value));
}

const isList = (value: readonly JsonValue[] | { readonly [key: string]: JsonValue }): value is readonly JsonValue[] =>
  Array.isArray(value);

/**
 * Reads the length-delimited fields of a message, in order; other fields are skipped.
 * @throws RangeError if the message is cut short
 */
export function* readFields(message: Buffer): Iterable<{ field: number; bytes: Buffer }> {
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = readVarint();
    const [field, wireType] = [Math.floor(key / 8), key % 8];
    if (wireType === VARINT) readVarint();
    else if (wireType === FIXED64) at += 8;
    else if (wireType === FIXED32) at += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = readVarint();
      if (at + length > message.length) throw new RangeError(`field ${field} is cut short`);
      yield { field, bytes: message.subarray(at, at + length) };
      at += length;
    } else throw new RangeError(`wire type ${wireType} of field ${field}`);
  }
}
