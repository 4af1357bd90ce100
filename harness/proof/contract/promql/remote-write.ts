import type { RawSeries } from '../../../rehearsal/sim/metrics/sample-store.ts';

/** What Prometheus takes for the end of a series: one certain NaN of the many. */
const StaleMarker = 0x7ff0000000000002n;
const OrdinaryNaN = 0x7ff8000000000001n;

/** A `prometheus.WriteRequest`, in the snappy framing that the receiver wants. */
export function writeRequest(series: readonly RawSeries[]): Buffer {
  return snappy(Buffer.concat(series.map((one) => message(1, timeSeries(one)))));
}

function timeSeries({ labels, points }: RawSeries): Buffer {
  // The receiver refuses labels that are not in order.
  const names = Object.keys(labels).sort();
  return Buffer.concat([
    ...names.map((name) => message(1, Buffer.concat([text(1, name), text(2, labels[name] ?? '')]))),
    ...points.map(({ at, value, isStale }) => message(2, sample(at, value, isStale === true))),
  ]);
}

function sample(at: number, value: number, isStale: boolean): Buffer {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  if (isStale) double.writeBigUInt64LE(StaleMarker, 1);
  else if (Number.isNaN(value)) double.writeBigUInt64LE(OrdinaryNaN, 1);
  else double.writeDoubleLE(value, 1);
  return Buffer.concat([double, Buffer.from([2 << 3]), varint(at)]);
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

const text = (field: number, value: string) => message(field, Buffer.from(value));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

const LiteralBytes = 0x10000;

/** Snappy's block format without compressing anything: literals of up to 64 KiB. */
function snappy(bytes: Buffer): Buffer {
  const parts = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += LiteralBytes) {
    const literal = bytes.subarray(at, at + LiteralBytes);
    const head = Buffer.alloc(3);
    head[0] = 61 << 2;
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}
