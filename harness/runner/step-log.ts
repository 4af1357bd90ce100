import { readCommand, type WorkflowCommand } from './workflow-command.ts';

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title: string;
  file: string;
  line: string;
  column: string;
}

const annotationsMax = 10;
const messageMax = 4096;

/** Values that no log may show, of a whole job. */
export class Masks {
  readonly values: string[] = [];

  add(value: string): void {
    // Of a value with several lines each line too: the log is read line by line.
    for (const each of [value, ...value.split('\n')]) {
      const trimmed = each.trim();
      if (trimmed !== '' && !this.values.includes(trimmed)) this.values.push(trimmed);
    }
    this.values.sort((a, b) => b.length - a.length);
  }

  apply(text: string): string {
    return this.values.reduce((masked, value) => masked.replaceAll(value, '***'), text);
  }
}

/** The log of one step: takes its lines, obeys the commands in them, keeps what a person would see. */
export class StepLog {
  readonly lines: string[] = [];
  readonly annotations: Annotation[] = [];
  readonly groups: string[] = [];
  readonly complaints: string[] = [];
  /** Annotations beyond the tenth of their level, which nobody sees. */
  dropped = 0;
  readonly #masks: Masks;
  readonly #debug: boolean;
  readonly #tell: (line: string) => void;
  #resume: string | undefined;

  constructor(masks: Masks, { debug, tell }: { debug: boolean; tell: (line: string) => void }) {
    this.#masks = masks;
    this.#debug = debug;
    this.#tell = tell;
  }

  /** One line as the process wrote it. */
  take(line: string): void {
    const command = readCommand(line, this.#resume);
    if (this.#resume !== undefined) {
      if (command?.name === this.#resume) this.#resume = undefined;
      else this.say(line);
      return;
    }
    if (command === undefined) this.say(line);
    else this.#obey(command, line);
  }

  #obey(command: WorkflowCommand, line: string): void {
    const { name, properties, data } = command;
    switch (name.toLowerCase()) {
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(name.toLowerCase() as Annotation['level'], properties, data);
        return;
      case 'debug':
        if (this.#debug) this.say(`##[debug]${data}`);
        return;
      case 'group':
        this.groups.push(this.#masks.apply(data));
        this.say(`▾ ${data}`);
        return;
      case 'endgroup':
      case 'echo':
        return;
      case 'add-mask':
        this.#masks.add(data);
        this.say('::add-mask::***');
        return;
      case 'stop-commands':
        this.#resume = data;
        return;
      default:
        // Old forms, which the runner has switched off, and problem matchers, which we do not have.
        this.complaints.push(`the command ${name} is not obeyed`);
        this.say(line);
    }
  }

  /** A line for people, masked. */
  say(line: string): void {
    const masked = this.#masks.apply(line);
    this.lines.push(masked);
    this.#tell(masked);
  }

  #annotate(level: Annotation['level'], properties: Readonly<Record<string, string>>, data: string): void {
    const message = this.#masks.apply(data).slice(0, messageMax);
    this.say(`${{ error: 'Error', warning: 'Warning', notice: 'Notice' }[level]}: ${data}`);
    if (this.annotations.filter((annotation) => annotation.level === level).length >= annotationsMax) {
      this.dropped += 1;
      return;
    }
    const of = (name: string) => this.#masks.apply(properties[name] ?? '');
    this.annotations.push({
      level,
      message,
      title: of('title'),
      file: of('file'),
      line: of('line'),
      column: of('col'),
    });
  }
}
