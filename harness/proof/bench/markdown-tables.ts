/** Tables in the Markdown of a page, between lines that name them. */

export type Cell = string | number;
/** A heading and what stands under it. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => Cell];

/** A page with the given tables in their places. @throws Error when it has no place for one */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, content]) => {
    const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no lines "begin: ${name}" and "end: ${name}"`);
    return `${text.slice(0, from)}${begin}${content}\n${text.slice(to)}`;
  }, page);
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([heading]) => heading)),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n');
}
