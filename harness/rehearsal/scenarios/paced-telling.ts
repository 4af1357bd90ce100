/** A text with the moment of the mesh at which it was told, milliseconds. */
export interface TimedEvent {
  text: string;
  at: number;
}

/** Tells again what was told, so many times as fast as the mesh's time went. */
export async function tellAgain(
  told: readonly TimedEvent[],
  speed: number,
  { tell, sleep }: { tell: (text: string) => void; sleep: (ms: number) => Promise<void> },
): Promise<void> {
  let last = told[0]?.at ?? 0;
  for (const { text, at } of told) {
    if (at > last) await sleep((at - last) / speed);
    last = Math.max(last, at);
    tell(text);
  }
}
