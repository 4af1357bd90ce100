import { formsOf } from './forms-of.ts';
import { hideLikelySecrets } from './likely-secrets.ts';

const hidden = '***';
/** Messages are cut: this many characters of a secret at the end of one are enough to recognise it. */
const headLength = 12;

/**
 * The secrets that this process knows, like the masks of a job on the runner: tokens come from files, variables and
 * plugins, and libraries put them into their own messages.
 */
const known = new Map<string, string>();

/** From now on no text shows these values. */
export function learnSecrets(...secrets: readonly (string | undefined)[]): void {
  for (const secret of secrets) for (const form of formsOf(secret ?? '')) known.set(form, form.slice(0, headLength));
}

/** The user and the password of a URL, in both spellings. */
export function learnSecretsOfUrl(url: string | undefined): void {
  if (url === undefined || !URL.canParse(url)) return;
  const { password } = new URL(url);
  learnSecrets(password, decoded(password));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A password with a bare per cent sign is not encoded.
    return text;
  }
}

/** The same text with `***` in place of every known secret, and of what looks like one. */
export function hideSecrets(text: string): string {
  let shown = text;
  for (const [form, head] of known) if (shown.includes(head)) shown = without(shown, form, head);
  return hideLikelySecrets(shown);
}

/** Also hides the beginning of a secret where a message was cut; a word that only begins with the same letters stays. */
function without(text: string, form: string, head: string): string {
  let shown = '';
  let from = 0;
  for (let at = text.indexOf(head); at !== -1; at = text.indexOf(head, from)) {
    let end = at + head.length;
    while (end - at < form.length && text[end] === form[end - at]) end += 1;
    const isSecret = end - at === form.length || /^(?:$|…|\.\.\.|["'])/.test(text.slice(end, end + 3));
    shown += text.slice(from, at) + (isSecret ? hidden : text.slice(at, end));
    from = end;
  }
  return shown + text.slice(from);
}

/** The same for every text in a document of plain data; an object with `toJSON` is converted first. */
export function hideSecretsIn<Document>(value: Document): Document {
  return hiddenIn(value) as Document;
}

function hiddenIn(value: unknown): unknown {
  if (typeof value === 'string') return hideSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(hiddenIn);
  if ('toJSON' in value && typeof value.toJSON === 'function') return hiddenIn(value.toJSON());
  if (value instanceof Error) return { name: value.name, message: hideSecrets(value.message) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hideSecrets(key), hiddenIn(inner)]));
}
