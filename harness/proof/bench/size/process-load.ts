import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** What one program has cost since it was watched. */
export interface ProcessLoad {
  program: string;
  cpuSeconds: number;
  peakRss: number;
}

interface Seen {
  program: string;
  firstTicks: number;
  ticks: number;
  peakRss: number;
}

/** Linux counts processor time in these, whatever its own tick is. */
const ticksPerSecond = 100;
const everyMs = 1_000;

/**
 * Watches a process and all that it starts, from outside, also those that end meanwhile. The memory is each process' own most, the
 * processor time that since the watch began.
 */
export class LoadWatch {
  readonly #root: number;
  readonly #seen = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout;

  constructor(root: number, intervalMs = everyMs) {
    this.#root = root;
    this.#look(true);
    this.#timer = setInterval(() => this.#look(false), intervalMs);
  }

  /** Ends the watch. @returns the programs, the busiest first */
  end(): readonly ProcessLoad[] {
    clearInterval(this.#timer);
    this.#look(false);
    const byProgram = Map.groupBy(this.#seen.values(), ({ program }) => program);
    return [...byProgram]
      .map(([program, all]) => ({
        program,
        cpuSeconds: all.reduce((sum, { firstTicks, ticks }) => sum + ticks - firstTicks, 0) / ticksPerSecond,
        peakRss: Math.max(...all.map(({ peakRss }) => peakRss)),
      }))
      .sort((a, b) => b.cpuSeconds - a.cpuSeconds);
  }

  #look(isFirst: boolean): void {
    for (const { pid, startTime, ticks } of descendants(this.#root)) {
      const key = `${pid} ${startTime}`;
      const read = readProcess(pid);
      if (read === undefined) continue;
      const before = this.#seen.get(key);
      // A process that has started since has spent all of its time since.
      this.#seen.set(key, { ...read, firstTicks: before?.firstTicks ?? (isFirst ? ticks : 0), ticks });
    }
  }
}

interface Stat {
  pid: number;
  parent: number;
  startTime: string;
  ticks: number;
}

function descendants(root: number): Stat[] {
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name)) ?? []) : []));
  const children = Map.groupBy(stats, ({ parent }) => parent);
  const found = stats.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function readStat(pid: number): Stat | undefined {
  const text = contents(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may hold spaces; the state, field 3, follows it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  return { pid, parent: Number(field(4)), startTime: field(22), ticks: Number(field(14)) + Number(field(15)) };
}

function readProcess(pid: number): { program: string; peakRss: number } | undefined {
  const [file = ''] = (contents(`/proc/${pid}/cmdline`) ?? '').split('\0');
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(contents(`/proc/${pid}/status`) ?? '')?.[1];
  if (file === '' || kilobytes === undefined) return undefined;
  return { program: programOf(file), peakRss: Number(kilobytes) * 1024 };
}

/** `pilot-discovery` of two releases are two programs; their folder names the release. */
function programOf(file: string): string {
  const name = basename(file);
  return name === 'pilot-discovery' || name === 'istioctl' ? `${name} (${basename(dirname(file))})` : name;
}

/** @returns undefined when the process has ended */
function contents(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
