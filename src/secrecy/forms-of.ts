/** Shorter values are not secrets, and hiding them would hide half of each message. */
const shortest = 6;

/** The forms in which a secret may appear in the message of a program: as it is, each of its lines, in a URL, in JSON, in base64. */
export function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const bodies = [secret.trim(), ...lines].filter((line) => line.length >= shortest && !line.startsWith('-----'));
  const forms = bodies.flatMap((body) => [
    body,
    encodeURIComponent(body.toWellFormed()),
    String(new URLSearchParams({ x: body })).slice(2),
    JSON.stringify(body).slice(1, -1),
    ...[0, 1, 2].flatMap((shift) => base64At(body, shift)),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= shortest);
}

/** Inside a longer text a value begins at one of the three places in a group of base64; only digits that it determines completely count. */
function base64At(body: string, shift: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(body)]);
  const digits = bytes.toString('base64').replace(/=+$/, '');
  const from = Math.ceil((8 * shift) / 6);
  const until = Math.floor((8 * bytes.length) / 6);
  const form = digits.slice(from, until);
  return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
}
