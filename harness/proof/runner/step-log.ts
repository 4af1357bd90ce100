import { type Annotation, type AnnotationCount, type Level, messageMax, placeOf } from './annotations.ts';
import type { Masks } from './masks.ts';
import { isKnownCommand, readCommand, type WorkflowCommand } from './workflow-command.ts';

export interface LogOptions {
  masks: Masks;
  count: AnnotationCount;
  workspace: string;
  debug: boolean;
  tell: (line: string) => void;
}

const words: Record<Level, string> = { error: 'Error', warning: 'Warning', notice: 'Notice' };
/** A token of this length would mask half of the log. */
const shortTokenMax = 6;

/**
 * The log of one step: takes its lines, obeys the commands in them, keeps what a person would see.
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Worker/ActionCommandManager.cs
 */
export class StepLog {
  readonly lines: string[] = [];
  readonly annotations: Annotation[] = [];
  readonly groups: string[] = [];
  readonly complaints: string[] = [];
  /** By `set-output`, the old way. */
  readonly outputs: Record<string, string> = {};
  /** A command that cannot be obeyed fails the step, although its process succeeds. */
  hasFailed = false;
  readonly #options: LogOptions;
  #isEchoing: boolean;
  #resume: string | undefined;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#isEchoing = options.debug;
  }

  /** One line as the process wrote it. */
  take(line: string): void {
    const command = readCommand(line, this.#resume);
    if (this.#resume !== undefined) {
      if (command?.name.toLowerCase() === this.#resume.toLowerCase()) this.#resume = undefined;
      this.say(line);
      return;
    }
    // A step must not forge the marks that newer runners put around the steps of an action (OutputManager.cs).
    if (command === undefined) this.say(line.replaceAll(/##\[(?=(start|end)-action)/g, '##[\\'));
    else this.#obey(command, line);
  }

  /** A line for people, masked. */
  say(line: string): void {
    const masked = this.#options.masks.apply(line);
    this.lines.push(masked);
    this.#options.tell(masked);
  }

  /** What the runner itself has to say about the step's end. */
  error(message: string): void {
    this.#annotate('error', {}, message);
  }

  /** What a stand-in has to say, which is no command. */
  warn(message: string): void {
    this.#annotate('warning', {}, message);
  }

  /** What the runner has to say against the action. */
  complain(level: Level, message: string): void {
    this.complaints.push(this.#options.masks.apply(message));
    this.#annotate(level, {}, message);
  }

  #obey(command: WorkflowCommand, line: string): void {
    const name = command.name.toLowerCase();
    if (this.#isEchoing && !['add-mask', 'debug', 'error', 'warning', 'notice', 'stop-commands'].includes(name))
      this.say(line);
    const failure = this.#carryOut(name, command, line);
    if (failure === undefined) return;
    this.complain('error', `Unable to process command '${line}' successfully.`);
    this.complain('error', failure);
    this.hasFailed = true;
  }

  /** @returns why it cannot be done */
  #carryOut(name: string, { properties, data }: WorkflowCommand, line: string): string | undefined {
    switch (name) {
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(name, properties, data);
        return undefined;
      case 'debug':
        if (this.#options.debug) this.say(`##[debug]${data}`);
        return undefined;
      case 'group':
        this.groups.push(this.#options.masks.apply(data));
        this.say(`▾ ${data}`);
        return undefined;
      case 'endgroup':
        return undefined;
      case 'echo':
        return this.#echo(data);
      case 'add-mask':
        this.#mask(data);
        return undefined;
      case 'stop-commands':
        return this.#stop(data, line);
      case 'set-output':
      case 'save-state':
        return this.#keep(name, properties['name'] ?? '', data);
      case 'set-env':
      case 'add-path':
        return (
          `The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command ` +
          'execution by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`.'
        );
      default:
        // Problem matchers, which we do not have.
        this.complaints.push(`the command ${name} is not obeyed`);
        return undefined;
    }
  }

  #echo(data: string): string | undefined {
    const wish = data.trim().toUpperCase();
    if (wish !== 'ON' && wish !== 'OFF')
      return `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${data}'.`;
    this.#isEchoing = wish === 'ON';
    return undefined;
  }

  #mask(data: string): void {
    if (data.trim() === '') {
      this.complain('warning', "Can't add secret mask for empty string in ##[add-mask] command.");
      return;
    }
    this.#options.masks.add(data);
    if (this.#isEchoing) this.say('::add-mask::***');
  }

  #stop(token: string, line: string): string | undefined {
    if (token === '' || isKnownCommand(token) || token.toLowerCase() === 'pause-logging')
      return "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command.";
    this.#resume = token;
    if (token.length > shortTokenMax) this.#options.masks.add(token);
    this.say(line);
    return undefined;
  }

  #keep(name: 'set-output' | 'save-state', key: string, value: string): string | undefined {
    this.complain(
      'warning',
      `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files.`,
    );
    if (key === '') return `Required field 'name' is missing in ##[${name}] command.`;
    if (name === 'set-output') this.outputs[key] = value;
    return undefined;
  }

  /** The log shows the message cut as the annotation is, and shows it also when the annotation is lost. */
  #annotate(level: Level, properties: WorkflowCommand['properties'], data: string): void {
    const { masks, count, workspace } = this.#options;
    const message = masks.apply(data).slice(0, messageMax);
    this.say(`${words[level]}: ${message}`);
    if (!count.take(level)) return;
    const { title = '' } = properties;
    const place = placeOf(properties, workspace);
    this.annotations.push({ level, message, title: masks.apply(title), ...place, file: masks.apply(place.file) });
  }
}
