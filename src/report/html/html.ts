import { codeOf, showUnseen } from '../unseen.ts';

/** Markup that `html` made; anything else is text, and is escaped. */
export class Markup {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

/** What may stand in a template; lists are joined, and `undefined` and `false` leave nothing behind. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/**
 * A template whose values are text between tags or in double-quoted attributes. Values may stand nowhere else: neither
 * in names of tags and attributes, nor in `<style>` and `<script>`.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((source, part, index) => `${source}${render(values[index - 1])}${part}`));
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return content.map(render).join('');
}

/** A longer value is cut, so that it does not fill the page. */
const longest = 4_000;

/**
 * Text as it can stand anywhere in a document. What is invisible, or turns the order of what follows, is replaced by its code:
 * a name from the cluster must not look like another one.
 */
export function escapeText(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return showUnseen(cut)
    .replaceAll(controls, codeOf)
    .replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Except line breaks and tabs. */
const controls = /[^\P{Cc}\n\t]/gu;
