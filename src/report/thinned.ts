/**
 * A list that never holds more than `max` points: when it is full every second one goes, and from then on fewer are let in.
 * The newest is always there.
 */
export class Thinned<Point extends { at: number }> {
  readonly #max: number;
  #kept: Point[] = [];
  /** Milliseconds between two kept points. */
  #apartMs = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(point: Point): void {
    const before = this.#kept.at(-2);
    // The last point gives way when it lies too near to the one before it.
    if (before !== undefined && (this.#kept.at(-1)?.at ?? 0) - before.at < this.#apartMs) this.#kept.pop();
    this.#kept.push(point);
    if (this.#kept.length <= this.#max) return;
    this.#kept = this.#kept.filter((_, index) => index % 2 === 0 || index === this.#kept.length - 1);
    const [first, last] = [this.#kept[0]?.at ?? 0, this.#kept.at(-1)?.at ?? 0];
    this.#apartMs = Math.max(1, 2 * this.#apartMs, (last - first) / this.#max);
  }

  get list(): readonly Point[] {
    return [...this.#kept];
  }
}
