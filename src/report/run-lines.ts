import type { TimedEvent } from '../model/events.ts';
import type { RestartCount } from '../model/restart-count.ts';
import { lineOf, renderEvent } from './render-event.ts';

/** So many restarts of one wave are named; more are counted. The report names all of them. */
const namedMax = 5;

/**
 * Turns events into the lines of a log that stays readable with hundreds of namespaces: where a wave has many workloads, it gets one line
 * when it begins and one for each tenth of them.
 * @param verbose names every restart
 */
export function runLines(verbose = false): (event: TimedEvent, since: number) => readonly string[] {
  let count: RestartCount | undefined;
  let isAnnounced = false;
  const isMany = () => !verbose && count !== undefined && count.workloads > namedMax;
  return (event, since) => {
    if (event.kind === 'run-started') count = undefined;
    if (event.kind === 'snapshot' && event.restarts !== undefined) {
      const before = count;
      count = event.restarts;
      const isSame = before?.wave === count.wave;
      isAnnounced &&= isSame;
      const isNewTenth = isSame && before !== undefined && tenthOf(count) > tenthOf(before);
      return isMany() && isNewTenth && isAnnounced
        ? [lineOf('…', '', `${nameOf(count)}${count.done} of ${count.workloads} workloads restarted`, event.at - since)]
        : [];
    }
    const isRestart = event.kind === 'effect-started' && event.effect.kind === 'restart-workload';
    if (!isRestart || count === undefined || !isMany()) return renderEvent(event, since);
    if (isAnnounced) return [];
    isAnnounced = true;
    return [lineOf('→', '', `${nameOf(count)}restart ${count.workloads} workloads`, event.at - since)];
  };
}

const tenthOf = ({ done, workloads }: RestartCount): number => Math.floor((10 * done) / Math.max(1, workloads));

const nameOf = ({ wave }: RestartCount): string => (wave === '' ? '' : `wave ${wave}: `);
