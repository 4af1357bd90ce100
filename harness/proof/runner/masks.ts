/**
 * Values that no log may show, of a whole job, and what they look like in other clothes.
 * Left out: the two forms in which PowerShell prints a value.
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Sdk/DTLogging/Logging/SecretMasker.cs
 */
export class Masks {
  /** As they were added. */
  readonly values: string[] = [];
  readonly #forms = new Set<string>();

  /** A value, and each of its lines: the log is read line by line. */
  add(value: string): void {
    const lines = value.split(/[\r\n]/).map((line) => line.trim());
    for (const each of [value, ...lines]) this.#addOne(each);
  }

  /** With `***` for each stretch that masked values cover; values that touch share one. */
  apply(text: string): string {
    let masked = '';
    let at = 0;
    for (const { start, end } of this.#stretches(text)) {
      masked += `${text.slice(at, start)}***`;
      at = end;
    }
    return masked + text.slice(at);
  }

  #addOne(value: string): void {
    if (value === '' || this.values.includes(value)) return;
    this.values.push(value);
    this.#forms.add(value);
    for (const encode of encoders) {
      const form = encode(value);
      if (form !== '') this.#forms.add(form);
    }
  }

  #stretches(text: string): { start: number; end: number }[] {
    const found = [...this.#forms].flatMap((form) =>
      placesOf(form, text).map((start) => ({ start, end: start + form.length })),
    );
    const merged: { start: number; end: number }[] = [];
    for (const next of found.toSorted((a, b) => a.start - b.start)) {
      const last = merged.at(-1);
      if (last !== undefined && next.start <= last.end) last.end = Math.max(last.end, next.end);
      else merged.push({ ...next });
    }
    return merged;
  }
}

function placesOf(form: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) places.push(at);
  return places;
}

/** A value inside a longer one begins at any of three places of base64's groups. */
const base64From = (shift: number) => (value: string) => {
  const bytes = Buffer.from(value);
  return bytes.subarray(bytes.length > shift ? shift : 0).toString('base64');
};

const xmlEntities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
};

const encoders: readonly ((value: string) => string)[] = [
  base64From(0),
  base64From(1),
  base64From(2),
  (value) => value.replaceAll('"', '\\"'),
  (value) => value.replaceAll("'", "''"),
  (value) => JSON.stringify(value).slice(1, -1),
  (value) =>
    encodeURIComponent(value.toWellFormed()).replace(
      /[!'()*]/g,
      (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  (value) => value.replace(/[<>"'&]/g, (character) => xmlEntities[character] ?? character),
  (value) => (value.length > 8 && /^".*"$/s.test(value) ? value.slice(1, -1) : ''),
];
