/** What one column of a table says of one object. */
export type Cell = string | number;
