import { type Content, html, type Markup } from './html.ts';

export interface Column {
  title: string;
  /** Numbers and times stand at the right. */
  isNumber?: true;
}

/** The first cell of a row is its heading. `caption` is for screen readers. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const cell = (content: Content, index: number) => {
    if (columns[index]?.isNumber === true) return html`<td class="number">${content}</td>`;
    return index === 0 ? html`<th scope="row">${content}</th>` : html`<td>${content}</td>`;
  };
  return html`<table><caption>${caption}</caption>
<thead><tr>${columns.map(({ title, isNumber }) =>
    isNumber === true ? html`<th scope="col" class="number">${title}</th>` : html`<th scope="col">${title}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map(cell)}</tr>
`,
  )}</tbody></table>`;
}
