import { elapsed } from '../render-event.ts';

/** A duration: `0.3 s` below ten seconds, then `0:32`, `1:02:03`. */
export function took(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : elapsed(ms);
}

/** Unix milliseconds as `2026-11-23 03:12:05 UTC`; for an invalid time, `an unknown time`. */
export function moment(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A ratio from 0 to 1: `0 %`, `0.52 %`, `19.8 %`. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3))} %`;
}

/** `135,297`. */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}

/** `1 pod`, `2 pods`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
