/**
 * To be preloaded (`node --import .../hasten-process.ts?speed=20`): the process' clocks and timers run as fast as those of a
 * served simulator, so that its own polls, pauses and deadlines are in proportion to what it watches. Without it they stay
 * as long as they are, and a mesh that lives through a minute between two looks is judged late.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';

const speed = Number(new URL(import.meta.url).searchParams.get('speed'));
if (!(speed > 0)) throw new Error(`cannot hasten a process: ${import.meta.url} names no speed`);

const scaled = (now: () => number) => {
  const start = now();
  return () => start + (now() - start) * speed;
};
const dateNow = scaled(Date.now.bind(Date));
Date.now = () => Math.floor(dateNow());
performance.now = scaled(performance.now.bind(performance));

const { setTimeout: after, setInterval: every } = timers;
const { setTimeout: resolveAfter } = promises;
timers.setTimeout = Object.assign(
  (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => after(callback, ms / speed, ...args),
  after,
);
timers.setInterval = Object.assign(
  (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => every(callback, ms / speed, ...args),
  every,
);
globalThis.setTimeout = timers.setTimeout;
globalThis.setInterval = timers.setInterval;
promises.setTimeout = (ms = 0, value, options) => resolveAfter(ms / speed, value, options);
// Modules that import single functions get these.
syncBuiltinESMExports();
