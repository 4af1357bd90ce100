import { expect } from 'vitest';
import { actsOnTerminal, commandsIn } from './hostile-text.ts';

/** In every hostile text, to see that it arrived at all. */
export const marker = 'abracadabra';

/** What foreign messages quote, in several clothes. */
const secrets = {
  bearer: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl',
  password: 'correct-horse-battery',
  opaque: 'opaque-token-0123456789',
} as const;

/** Everything at once, told apart by where it stands. */
export const spell = (place: string): string =>
  [
    `${marker}-${place}`,
    '\n::error::owned\r::add-mask::e\n##[error]owned\u001b[2J\u001b]8;;http://evil\u0007link\u0000\u202egnp.exe\u200b',
    '\n✔ 8 Remove the old control plane\n| a | b |\n|---|---|\n# title\n![x](http://evil/x.png) [y](http://evil) ```\n<!-- <script>alert(1)</script>',
    `\nBearer ${secrets.bearer} https://admin:${secrets.password}@proxy:3128/ {"token":"${secrets.opaque}"}`,
    `\nghadelimiter_\noutcome=completed\noutcome<<EOF $(touch x)`,
  ].join('');

export const LockHolder = `x'; touch x #\n::error::owned\u001b[2J ${marker}-holder`;

/** No log, on a terminal or of a job. */
export function expectHarmlessLog(text: string): void {
  expect(commandsIn(text)).toEqual([]);
  expect(text).not.toMatch(actsOnTerminal);
  expect(text).not.toMatch(/^\s*(?:✔ 8|outcome[=<])/m);
  expectNoSecret(text);
}

/** Our own link behind each finding, and nothing else: its address holds no foreign text. */
const ourLinks =
  /\[Explained\]\(https:\/\/github\.com\/[\w/.-]+\/docs\/errors\.md#[\w%-]*\)|<a href="https:\/\/github\.com\/[\w/.-]+\/docs\/errors\.md#[\w%-]*">Explained<\/a>/g;

export function expectHarmlessMarkdown(text: string): void {
  expect(text.replace(ourLinks, '')).not.toMatch(
    /<(?!sub>|\/sub>|br>)|(?<!\\)!\[|(?<!\\)\]\(|:\/\/evil|^\| a |^# title/m,
  );
  expect(text.replaceAll('\u2060', '')).not.toMatch(actsOnTerminal);
  expectNoSecret(text);
}

export function expectHarmlessPage(text: string): void {
  expect(text.replace(ourLinks, '')).not.toMatch(/<script|<img|<!--|href=/i);
  expect(text).not.toMatch(actsOnTerminal);
  expectNoSecret(text);
}

export function expectNoSecret(text: string): void {
  for (const secret of Object.values(secrets))
    for (const worn of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(text).not.toContain(worn);
}
