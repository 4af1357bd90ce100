/** Something that a stage needs and another tool or a person does; the run waits for it, and then ends until it is run again. */
export interface Awaited {
  /** What must become true, as a sentence. */
  what: string;
  /** Who makes it so, by the marks on the objects. */
  owner: string;
  /** What to change for that, one step a line. */
  change: readonly string[];
}
