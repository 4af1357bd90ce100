import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { interruptionOf } from '../../src/action/interruption.ts';

function hosted() {
  const host = Object.assign(new EventEmitter(), { exits: [] as number[] });
  const said: string[] = [];
  const interruption = interruptionOf(
    Object.assign(host, { exit: (code?: number) => void host.exits.push(code ?? 0) }) as never,
    { log: (text) => said.push(text), lastWords: () => said.push('last words') },
  );
  return { host, said, ...interruption };
}

describe('a cancelled step', () => {
  it('asks the run to end at SIGINT, and says so', () => {
    const { host, said, signal, close } = hosted();
    host.emit('SIGINT');
    expect(signal.aborted).toBe(true);
    expect(said).toEqual([expect.stringMatching(/^Cancelled: /)]);
    expect(host.exits).toEqual([]);
    close();
  });

  it('writes its last message and exits within 7 s of SIGINT, before the runner sends SIGTERM', () => {
    vi.useFakeTimers();
    try {
      const { host, said } = hosted();
      host.emit('SIGINT');
      vi.advanceTimersByTime(7_000);
      expect(said).toContain('last words');
      expect(host.exits).toEqual([130]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('writes its last message and exits at once at SIGTERM', () => {
    const { host, said, close } = hosted();
    host.emit('SIGTERM');
    expect(said).toEqual(['last words']);
    expect(host.exits).toEqual([130]);
    close();
  });

  it('removes its signal handlers when the run has ended', () => {
    const { host, said, close } = hosted();
    close();
    host.emit('SIGINT');
    host.emit('SIGTERM');
    expect(said).toEqual([]);
  });
});
