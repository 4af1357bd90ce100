/** One thing that a reader of a document does, in its order. */
export type Step =
  | { kind: 'write'; line: number; file: string; text: string }
  | { kind: 'type'; line: number; terminal: string; command: string; shown: string[] }
  | { kind: 'press'; line: number; terminal: string; key: Key; shown: string[] };

type Key = keyof typeof keys;

/** What a terminal makes of them. */
export const keys = { '^C': 'SIGINT', '^\\': 'SIGQUIT' } as const;

/** The terminal of blocks that name none. */
export const yours = 'yours';

/** Where commands stand in a document: blocks of code, with the line after the fence. */
interface Block {
  info: string;
  line: number;
  lines: string[];
}

/**
 * The steps of a document. A block ```` ```console NAME ```` holds what terminal NAME shows: `$ ` and a command, what it printed, keys
 * (`^C`) between; `...` where something is left out. A block of YAML that begins with `# FILE` is that file.
 */
export function readWalk(markdown: string): readonly Step[] {
  return blocksOf(markdown).flatMap((block) => {
    const [language, terminal = yours] = block.info.trim().split(/ +/);
    if (language === 'console') return stepsOf(block, terminal);
    const file = language === 'yaml' ? /^# (\S+\.ya?ml)$/.exec(block.lines[0] ?? '')?.[1] : undefined;
    return file === undefined ? [] : [{ kind: 'write', line: block.line, file, text: `${block.lines.join('\n')}\n` }];
  });
}

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open !== undefined && fence !== null) open = undefined;
    else if (fence !== null) {
      open = { info: fence[1] ?? '', line: index + 2, lines: [] };
      blocks.push(open);
    } else open?.lines.push(line);
  }
  return blocks;
}

/** @throws Error when a block shows something before its first command */
function stepsOf({ line: first, lines }: Block, terminal: string): readonly Step[] {
  const steps: Extract<Step, { shown: string[] }>[] = [];
  for (const [index, text] of lines.entries()) {
    const line = first + index;
    if (text.startsWith('$ ')) steps.push({ kind: 'type', line, terminal, command: text.slice(2), shown: [] });
    else if (text in keys) steps.push({ kind: 'press', line, terminal, key: text as Key, shown: [] });
    else if (text !== '' && text !== '...') {
      const step = steps.at(-1);
      if (step === undefined) throw new Error(`line ${line} is shown before any command: ${text}`);
      step.shown.push(text);
    }
  }
  return steps;
}
