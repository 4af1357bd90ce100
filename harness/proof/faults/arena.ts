import { createSim, type Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Attempt, Claim, Contender } from './contender.ts';
import { type Breach, Referee } from './referee.ts';
import { SimConnection } from './sim-connection.ts';
import type { Tamper } from './tamper.ts';
import { smallMesh, type Task } from './task.ts';

/** How one attempt ended. */
export type AttemptEnd = Claim | 'killed' | 'endless';

/** More than any run says before time passes: it turns in a circle, and waits for nothing that could end it. */
const eventsAtOnceMax = 2_000;

export interface Begun {
  runId: string;
  /** Settles when the attempt claims its end, or is killed. */
  ended: Promise<AttemptEnd>;
  kill(): void;
  interrupt(): void;
}

export interface ArenaOptions {
  seed: number;
  task: Task;
  /** TimedEvent line by line, with the virtual time since the mesh was handed over. */
  tell?: (text: string) => void;
  /** Changes the mesh before anybody looks. */
  mesh?: typeof smallMesh;
}

/** A mesh that serves traffic, a referee who looks at it, and attempts that come and go. */
export class Arena {
  readonly sim: Sim;
  readonly task: Task;
  readonly referee: Referee;
  /** In force for every attempt. */
  readonly tampers: Tamper[] = [];
  /** Of the machine that the next attempt runs on. */
  clockSkewMs = 0;
  /** A run has said that it is done; to leave it may still take it as long as the API server is away. */
  hasSaidEnd = false;
  readonly #begunAt: number;
  readonly #tell: (text: string) => void;
  #attempts = 0;

  constructor(sim: Sim, { task, tell = () => undefined }: ArenaOptions) {
    this.sim = sim;
    this.task = task;
    this.#begunAt = sim.clock.now();
    this.#tell = (text) => tell(`${(this.elapsedMs / 1000).toFixed(3).padStart(9)} ${text}`);
    this.referee = new Referee(sim, task, this.#tell);
  }

  get elapsedMs(): number {
    return this.sim.clock.now() - this.#begunAt;
  }

  get breaches(): readonly Breach[] {
    return this.referee.breaches;
  }

  tell(text: string): void {
    this.#tell(text);
  }

  /** Begins an attempt; nothing has happened yet when it resolves. */
  async begin(contender: Contender): Promise<Begun> {
    const { sim, task, referee } = this;
    const runId = `run${++this.#attempts}`;
    const death = Promise.withResolvers<'killed'>();
    let isOver = false;
    let attempt: Attempt | undefined;
    const kill = () => {
      if (isOver) return;
      connection.cut();
      attempt?.kill();
      death.resolve('killed');
    };
    const connection = new SimConnection(sim, {
      runId,
      writers: referee.writers,
      tampers: this.tampers,
      onCrash: kill,
    });
    const skew = this.clockSkewMs;
    const atOnce = { ms: 0, events: 0 };
    referee.attemptBegan(runId);
    this.#tell(`${runId} begins`);
    attempt = await contender.start(sim, {
      runId,
      task,
      connection,
      tell: (event) => {
        if (isOver) return;
        if (sim.clock.now() !== atOnce.ms) Object.assign(atOnce, { ms: sim.clock.now(), events: 0 });
        if (++atOnce.events > eventsAtOnceMax)
          throw new Error(`${runId} turns in a circle while no time passes: ${JSON.stringify(event).slice(0, 300)}`);
        if (event.kind === 'words' && /^(completed|rolled-back): /.test(event.text)) this.hasSaidEnd = true;
        referee.heard(runId, event);
        this.#tell(`${runId} ${event.kind === 'words' ? event.text : `says ${event.verdict} of wave ${event.wave}`}`);
      },
      ...(skew === 0
        ? {}
        : { clock: { now: () => sim.clock.now() + skew, sleep: (ms, signal) => sim.clock.sleep(ms, signal) } }),
    });
    const endless = Promise.withResolvers<'endless'>();
    const stopWaiting = sim.clock.schedule(task.attemptMsMax, () => endless.resolve('endless'));
    const ended = Promise.race([attempt.done, death.promise, endless.promise]).then((end) => {
      isOver = true;
      stopWaiting();
      if (end === 'endless') {
        connection.cut();
        attempt?.kill();
      }
      referee.attemptEnded(runId, end);
      this.#tell(`${runId} ends: ${typeof end === 'string' ? end : `${end.end}, ${end.words}`}`);
      return end;
    });
    return { runId, ended, kill, interrupt: () => attempt?.interrupt() };
  }

  /** One attempt from its beginning to its end, whatever ends it. */
  async attempt(contender: Contender): Promise<AttemptEnd> {
    const { ended } = await this.begin(contender);
    return await this.sim.run(ended);
  }

  /** Attempts until one reaches an end, at most so many. */
  async untilDone(contender: Contender, attemptsMax: number): Promise<AttemptEnd> {
    let end: AttemptEnd = 'killed';
    for (let count = 0; count < attemptsMax; count++) {
      end = await this.attempt(contender);
      if (isDone(end)) return end;
      await this.sim.advance(1_000);
    }
    return end;
  }
}

/** Whether it has nothing more to do. */
export function isDone(end: AttemptEnd): end is Claim & { end: 'completed' | 'rolled-back' } {
  return typeof end === 'object' && end.end !== 'unfinished';
}

/** The mesh of the task, after some minutes of traffic, so that Prometheus has samples to compare. */
export async function openArena(options: ArenaOptions): Promise<Arena> {
  const sim = await createSim({ seed: options.seed, namespaces: options.mesh ?? smallMesh });
  await sim.advance(6 * 60_000);
  return new Arena(sim, options);
}
