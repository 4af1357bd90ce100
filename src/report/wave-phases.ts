import type { TimedEvent } from '../model/events.ts';

/** A phase of a wave; Unix milliseconds of this machine. */
export interface WavePhase {
  wave: string;
  phase: 'restart' | 'bake';
  startedAt: number;
  /** Until the bake began, or the verdict came, or the run ended or began a rollback. */
  durationMs: number;
  /** For a bake that got its verdict in this run. */
  verdict?: string;
}

/** Follows the waves of a run through their phases. A run that was resumed in the middle of a bake records it from its first evidence on. */
export class PhaseWriter {
  readonly #ended: WavePhase[] = [];
  readonly #open = new Map<string, Omit<WavePhase, 'durationMs' | 'verdict'>>();
  readonly #judged = new Set<string>();

  add(event: TimedEvent): void {
    switch (event.kind) {
      case 'effect-done':
        if (event.effect.kind === 'begin-wave') this.#begin(event.effect.wave, 'restart', event.at);
        if (event.effect.kind === 'begin-bake') this.#begin(event.effect.wave, 'bake', event.at);
        break;
      case 'snapshot':
        for (const { evidence } of event.judged)
          if (evidence.mode === 'bake' && !this.#judged.has(evidence.wave) && !this.#isBaking(evidence.wave))
            this.#begin(evidence.wave, 'bake', event.at);
        break;
      case 'verdict':
        this.#judged.add(event.wave);
        this.#end(event.wave, event.at, event.judged.verdict);
        break;
      case 'run-started':
      case 'run-ended':
        for (const wave of [...this.#open.keys()]) this.#end(wave, event.at);
        break;
    }
  }

  /** In order; what has not ended lasts until `now`. */
  write(now: number): readonly WavePhase[] {
    const open = [...this.#open.values()].map((phase) => ({ ...phase, durationMs: now - phase.startedAt }));
    return [...this.#ended, ...open].sort((a, b) => a.startedAt - b.startedAt);
  }

  #isBaking(wave: string): boolean {
    return this.#open.get(wave)?.phase === 'bake';
  }

  #begin(wave: string, phase: WavePhase['phase'], at: number): void {
    this.#end(wave, at);
    this.#open.set(wave, { wave, phase, startedAt: at });
  }

  #end(wave: string, at: number, verdict?: string): void {
    const phase = this.#open.get(wave);
    if (phase === undefined) return;
    this.#open.delete(wave);
    this.#ended.push({ ...phase, durationMs: at - phase.startedAt, ...(verdict === undefined ? {} : { verdict }) });
  }
}
