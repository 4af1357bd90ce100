/** How many of a number of things. */
export type Portion = { ratio: number } | { count: number };
