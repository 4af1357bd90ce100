import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Commands, Log } from '../../src/action/log.ts';
import { logTeller } from '../../src/action/log-teller.ts';
import { renderFailure } from '../../src/cli/render-failure.ts';
import { ClusterRefused } from '../../src/kubernetes/cluster-errors.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { shellWord } from '../../src/model/shell-word.ts';
import { consoleTeller } from '../../src/report/console-teller.ts';
import { jsonText } from '../../src/report/json-text.ts';
import { code, fenced, plain } from '../../src/report/markdown.ts';
import { oneEntry } from '../../src/report/neutralise.ts';
import { renderSummary } from '../../src/report/render-summary.ts';
import { aFinding } from '../model/a-finding.ts';
import { actsOnTerminal, commandsIn, hostileText, seed } from './hostile-text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours, and the line that is written again
const ourOwn = /\r\u001b\[2K|\u001b\[\d+m/g;
const runs = { seed, numRuns: 250 };

describe(`hostile text (seed ${seed})`, () => {
  it('on a terminal neither moves the cursor nor hides, and every line of it is indented', () => {
    fc.assert(
      fc.property(hostileText, fc.boolean(), (text, isTTY) => {
        const shown = onScreen(eventsWith(text), isTTY).replaceAll(ourOwn, '');
        expect(shown).not.toMatch(actsOnTerminal);
        expect(commandsIn(shown)).toEqual([]);
        expect(shown.split('\n').filter((line) => /^\S/.test(line) && !/^(?:✘|Next|Upgrading)/.test(line))).toEqual([]);
      }),
      runs,
    );
  });

  it('in the log of a job is not a command, neither in lines nor in groups nor in annotations', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { log, said } = recordedLog();
        const say = logTeller(log);
        for (const event of eventsWith(text)) say(event);
        log.group(text);
        log.annotate('error', text, text);
        log.conclude('error', text, text);
        for (const each of said) {
          expect(commandsIn(each)).toEqual([]);
          expect(each).not.toMatch(actsOnTerminal);
        }
      }),
      runs,
    );
  });

  it('in an error of the command line is not a command, as text or as JSON', () => {
    fc.assert(
      fc.property(hostileText, fc.boolean(), fc.boolean(), (text, json, isOurs) => {
        const shown = renderFailure(isOurs ? ClusterRefused.of(text) : new Error(text), json).text;
        expect(shown).not.toMatch(actsOnTerminal);
        expect(commandsIn(shown)).toEqual([]);
      }),
      runs,
    );
  });

  it('in JSON is unchanged once parsed, and escaped before', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = jsonText({ [text]: [text] });
        expect(JSON.parse(shown)).toEqual({ [text]: [text] });
        expect(shown).not.toMatch(actsOnTerminal);
        expect(commandsIn(shown)).toEqual([]);
      }),
      runs,
    );
  });

  it('in Markdown stays on its line, is not markup and stays visible', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = plain(text);
        // Our own word joiners take links and mentions apart.
        expect(shown.replaceAll('\u2060', '')).not.toMatch(actsOnTerminal);
        expect(shown).not.toMatch(/[<>\n]|^[-+=]|^\d+[.)](?:\s|$)|:\/\/|www\.(?!\u2060)|@\w/i);
        expect(shown).not.toMatch(/(?<!\\)(?:\\\\)*[`|[\]*_#]/);
        expect(code(text)).not.toMatch(/[\n|]/);
        expect(fenced([text])).not.toMatch(actsOnTerminal);
      }),
      runs,
    );
  });

  it('in a summary adds no table, list, title, link, image or tag', () => {
    const harmless = skeleton(renderSummary(summaryWith('word')));
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(skeleton(renderSummary(summaryWith(`word ${text}`)))).toEqual(harmless);
      }),
      runs,
    );
  });

  it('in a suggested command is one word of it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const word = shellWord(text);
        const bare = word.replaceAll("'\\''", '').replace(/^'[^']*'$/, '');
        expect(bare === '' || /^[\w@%+=:,./-]+$/.test(bare)).toBe(true);
      }),
      runs,
    );
  });

  it.for([
    ['a\n✔ 8 Remove the old revision', 'a\n        | ✔ 8 Remove the old revision'],
    ['a\r::error::b', 'a\n        | : :error::b'],
    ['\nour own blank line', '\nour own blank line'],
  ])('%j is shown as %j', ([text = '', told]) => {
    expect(oneEntry(text)).toBe(told);
  });
});

function eventsWith(text: string): readonly TimedEvent[] {
  const finding = aFinding('X', { message: text, objects: [text], fix: text });
  return [
    { kind: 'stage-started', step: 'precheck', number: 1, name: 'precheck', title: 'Verify', at: 0 },
    { kind: 'waiting', number: 5, shortfalls: [{ what: text, is: text, wants: text }], sinceMs: 20_000, at: 20_000 },
    { kind: 'findings', findings: [finding, { ...finding, severity: 'warns' }], at: 21_000 },
    { kind: 'problem', number: 5, name: 'restart-canary', problem: finding, decision: 'hold', at: 22_000 },
    { kind: 'lock-not-renewed', lock: 'istio-canary-upgrade-default', failure: new Error(text), at: 23_000 },
    { kind: 'run-ended', outcome: 'held', message: text, next: '', at: 24_000 },
  ] as readonly TimedEvent[];
}

function onScreen(events: readonly TimedEvent[], isTTY: boolean): string {
  const written: string[] = [];
  const screen = consoleTeller({ write: (text) => void written.push(text), isTTY, columns: 100 });
  for (const event of events) screen.receive(event);
  screen.close();
  return written.join('');
}

function recordedLog(): { log: Log; said: string[] } {
  const said: string[] = [];
  const say = (text: unknown, properties?: { title?: string }) => void said.push(String(text), properties?.title ?? '');
  const commands: Commands = {
    info: say,
    debug: say,
    error: say,
    warning: say,
    notice: say,
    startGroup: say,
    endGroup: () => undefined,
    isDebug: () => true,
  };
  return { log: new Log(commands, 9), said };
}

const summaryWith = (text: string): Parameters<typeof renderSummary>[0] => ({
  command: 'upgrade',
  ended: { kind: 'held', message: text, next: '' },
  findings: [aFinding('X', { message: text, objects: [text, text], fix: text })],
  lines: [text],
});

/** The structure of a Markdown document: what each line outside of fences begins with, and its tags. */
function skeleton(markdown: string): readonly string[] {
  const outside = markdown.replace(/^(`{3,})text\n[\s\S]*?\n\1$/m, 'FENCE');
  return outside.split('\n').map((line) => {
    const begin = /^\s*(?:#+|[-+*]|\||>|\d+[.)](?=\s)|FENCE|=+$)?/.exec(line)?.[0] ?? '';
    const bare = line.replaceAll(/\\[!-/:-@[-`{-~]/g, '');
    const acts = [...bare.matchAll(/<\/?[a-z!]|\]\(|!\[|[|`*_]/gi)].map(([mark]) => mark);
    return [begin, ...acts].join(' ');
  });
}
