import { askRun } from '../engine/run-request.ts';
import { elapsed } from '../report/render-event.ts';
import { expectConfirmed } from './confirm.ts';
import { findMeshAloud, openCluster } from './connect.ts';
import { emitTo, outcomeOf, type Verb } from './verb.ts';

type Asked = 'pause' | 'resume' | 'abort';

/** Twice the time between two heartbeats, and more. */
const silentMaxMs = 15_000;

const promises: Readonly<Record<Asked, string>> = {
  pause: 'begins nothing more within seconds; a bake goes on, and a wave that fails is rolled back as ever',
  resume: 'goes on within seconds',
  abort: 'rolls back within seconds, if the tag has moved',
};

/** `pause`, `resume`, `abort`: asks the run that is under way, wherever it runs. */
export const askVerb =
  (verb: Asked): Verb =>
  async (options, caller) => {
    const emit = emitTo(caller);
    const opened = openCluster(options, caller.env, emit);
    const { cluster, name } = opened;
    try {
      const { mesh } = await findMeshAloud(options, opened, emit);
      await expectConfirmed(caller, name, mesh.tag);
      const asked = await askRun(cluster, mesh, verb, caller.where);
      const message =
        asked === undefined
          ? 'The pause is over. No run is under way; `upgrade` goes on.'
          : `Run ${asked.holder.id} is asked to ${verb}: it ${promises[verb]}. Its log: ${asked.holder.where}${silence(asked.silentMs)}`;
      return {
        exitCode: 0,
        outcome: outcomeOf({ kind: 'completed', message, next: caller.command('status') }),
        lines: [message],
        document: { cluster: name, tag: mesh.tag, asked: verb, run: asked?.holder },
        findings: [],
        cluster: name,
      };
    } finally {
      await cluster.close();
    }
  };

/** A dead run obeys nothing, and its lock stands until another run takes it. */
const silence = (silentMs: number): string =>
  silentMs < silentMaxMs
    ? ''
    : ` (it has not renewed its lock for ${elapsed(silentMs)}; if it is dead, the next \`upgrade\` does what is asked)`;
