import { type Content, html, type Markup } from './html.ts';

/** Headings of a page with one run begin at 1, those of one of several runs at 2. */
export function heading(level: number, content: Content): Markup {
  switch (level) {
    case 1:
      return html`<h1>${content}</h1>`;
    case 2:
      return html`<h2>${content}</h2>`;
    case 3:
      return html`<h3>${content}</h3>`;
    default:
      return html`<h4>${content}</h4>`;
  }
}

export function section(level: number, title: string, content: Content): Markup {
  return html`<section>${heading(level, title)}
${content}
</section>`;
}

/** Open on paper and on demand. */
export function details(summary: string, content: Content): Markup {
  return html`<details><summary>${summary}</summary>
${content}
</details>`;
}
