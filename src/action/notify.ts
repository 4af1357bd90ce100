import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ClusterName } from '../model/cluster-name.ts';
import type { TimedEvent } from '../model/events.ts';
import { noteOf } from '../notify/note.ts';
import { createNotifications } from '../notify/notifications.ts';
import type { Step } from './step.ts';

export interface Notifier {
  receive(event: TimedEvent): void;
  /** Resolves when everything is sent. */
  settle(): Promise<void>;
}

/** Sends notifications of a run to the input `notify-url`; without it, sends none. */
export function notifierFor(
  { inputs, env, log }: Step,
  run: { id: string; where: string },
  threadFile: string,
): Notifier {
  const url = inputs['notify-url'];
  if (url === undefined) return { receive: () => undefined, settle: () => Promise.resolve() };
  const token = inputs['notify-token'];
  const channel = inputs['notify-channel'];
  const notifications = createNotifications({
    url,
    env,
    ...(token === undefined || channel === undefined ? {} : { slack: { token, channel } }),
    thread: {
      recall: () => (existsSync(threadFile) ? readFileSync(threadFile, 'utf8') : undefined),
      remember: (thread) => writeFileSync(threadFile, thread),
    },
    onFailure: (reason) =>
      log.annotate(
        'warning',
        'No notification was sent',
        `The input notify-url: ${reason}. Nothing else depends on it.`,
      ),
  });
  let startedAt: number | undefined;
  let cluster: ClusterName | undefined;
  return {
    receive(event) {
      startedAt ??= event.at;
      if (event.kind === 'connected') cluster = event.cluster;
      const note = noteOf(event, { ...run, startedAt, ...(cluster && { cluster }) });
      if (note !== undefined) notifications.send(note);
    },
    settle: () => notifications.settle(),
  };
}
