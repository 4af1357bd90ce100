/**
 * A list that never has more than `max` points: when it is full, every second point is dropped, and from then on fewer are added.
 * The newest is always kept.
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
    // The last point is replaced when it is too near to the one before it.
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
