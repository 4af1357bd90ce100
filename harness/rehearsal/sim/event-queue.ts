export interface QueuedEvent {
  readonly at: number;
  /** Breaks ties in the order of scheduling, so that a run is a function of its seed alone. */
  readonly seq: number;
  /** Housekeeping that alone keeps nothing going: bookmarks, watch timeouts, expiries. */
  readonly background: boolean;
  readonly action: () => void;
  cancelled: boolean;
}

/** A binary heap ordered by [at, seq]. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #foreground = 0;

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  /** Events that are work, not housekeeping. */
  get foreground(): number {
    return this.#foreground;
  }

  push(event: QueuedEvent): void {
    if (!event.background) this.#foreground++;
    this.#heap.push(event);
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  cancel(event: QueuedEvent): void {
    if (event.cancelled) return;
    event.cancelled = true;
    if (!event.background) this.#foreground--;
  }

  /** The next event that was not cancelled. */
  pop(): QueuedEvent | undefined {
    for (let event = this.#removeTop(); event; event = this.#removeTop()) {
      if (event.cancelled) continue;
      event.cancelled = true;
      if (!event.background) this.#foreground--;
      return event;
    }
    return undefined;
  }

  /** When the next event is due. */
  peek(): number | undefined {
    while (this.#heap[0]?.cancelled) this.#removeTop();
    return this.#heap[0]?.at;
  }

  #removeTop(): QueuedEvent | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (!top || !last || top === last) return top;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left;
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right;
      if (least === index) return top;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (!left || !right) return false;
    return left.at < right.at || (left.at === right.at && left.seq < right.seq);
  }

  #swap(a: number, b: number): void {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (!left || !right) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
