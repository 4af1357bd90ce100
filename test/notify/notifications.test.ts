import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TimedEvent } from '../../src/model/events.ts';
import { type Note, noteOf } from '../../src/notify/note.ts';
import { createNotifications } from '../../src/notify/notifications.ts';

interface Receiver {
  url: string;
  got: { body: Record<string, unknown>; authorization: string | undefined }[];
}

/** @param answer status and JSON that the receiver answers, by the number of earlier messages */
async function receiver(answer: (count: number) => [number, object] | 'never'): Promise<Receiver> {
  const got: Receiver['got'] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const said = answer(got.length);
      got.push({ body: body as Record<string, unknown>, authorization: request.headers.authorization });
      if (said === 'never') return;
      response.writeHead(said[0], { 'content-type': 'application/json' });
      response.end(JSON.stringify(said[1]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

const note = (text: string, event: Note['event'] = 'verdict'): Note => ({ text, event, thread: 'r1', where: 'here' });

describe('notifications', () => {
  it('arrive in order, as JSON with text, event, thread and location', async () => {
    const { url, got } = await receiver(() => [200, {}]);
    const failures: string[] = [];
    const sent = createNotifications({ url, env: {}, onFailure: (reason) => failures.push(reason) });
    for (const text of ['one', 'two', 'three']) sent.send(note(text));
    await sent.settle();
    expect(got.map(({ body }) => body['text'])).toEqual(['one', 'two', 'three']);
    expect(got[0]).toEqual({ body: note('one'), authorization: undefined });
    expect(failures).toEqual([]);
  });

  it('form one thread in Slack, whose last message is also shown in the channel', async () => {
    const { url, got } = await receiver((count) => [200, { ok: true, ts: `1.${count}` }]);
    const slack = { token: 'xoxb-of-a-bot', channel: 'C1' };
    const sent = createNotifications({ url, slack, env: {}, onFailure: expect.unreachable });
    sent.send(note('begins', 'run-started'));
    sent.send(note('passes'));
    sent.send(note('is over', 'run-ended'));
    await sent.settle();
    expect(got.map(({ body }) => body)).toEqual([
      { channel: 'C1', text: 'begins' },
      { channel: 'C1', text: 'passes', thread_ts: '1.0', reply_broadcast: false },
      { channel: 'C1', text: 'is over', thread_ts: '1.0', reply_broadcast: true },
    ]);
    expect(got[0]?.authorization).toBe('Bearer xoxb-of-a-bot');
  });

  it('continue the thread of an earlier process of the same run, as the finalize step does', async () => {
    const { url, got } = await receiver((count) => [200, { ok: true, ts: `1.${count}` }]);
    const slack = { token: 'xoxb-of-a-bot', channel: 'C1' };
    let kept: string | undefined;
    const remember = (ts: string) => {
      kept = ts;
    };
    const thread = { recall: () => kept, remember };
    const send = async (text: string, event: Note['event']) => {
      const sent = createNotifications({ url, slack, thread, env: {}, onFailure: expect.unreachable });
      sent.send(note(text, event));
      await sent.settle();
    };
    await send('begins', 'run-started');
    await send('is rolled back', 'run-ended');
    expect(got.map(({ body }) => body['thread_ts'])).toEqual([undefined, '1.0']);
    expect(kept).toBe('1.0');
  });

  it.for([
    { when: 'the receiver refuses', answer: [410, {}] as [number, object], slack: false, says: 'answered 410' },
    {
      when: 'Slack refuses',
      answer: [200, { ok: false, error: 'not_in_channel' }] as [number, object],
      slack: true,
      says: 'Slack answered not_in_channel',
    },
    { when: 'the receiver does not answer', answer: 'never' as const, slack: false, says: 'timeout' },
  ])('stop after one reported failure when $when', async ({ answer, slack, says }) => {
    const { url, got } = await receiver(() => answer);
    const failures: string[] = [];
    const sent = createNotifications({
      url,
      env: {},
      onFailure: (reason) => failures.push(reason),
      timeoutMs: answer === 'never' ? 200 : 60_000,
      ...(slack ? { slack: { token: 't', channel: 'c' } } : {}),
    });
    sent.send(note('one'));
    sent.send(note('two'));
    await sent.settle();
    expect(failures).toEqual([expect.stringContaining(says)]);
    expect(got.length).toBe(1);
  });
});

describe('a note', () => {
  const run = { id: 'r1', where: 'https://github.com/owner/caller/actions/runs/1', startedAt: 0 };

  it('about the end of a run has its outcome, the next command and the address of the log', () => {
    const event: TimedEvent = {
      kind: 'run-ended',
      outcome: 'held',
      message: 'The canary fails.',
      next: 'rollback',
      at: 9_000,
    };
    expect(noteOf(event, run)).toEqual({
      text: `✘ held: The canary fails.\nNext: rollback\n${run.where}`,
      event: 'run-ended',
      thread: 'r1',
      where: run.where,
      outcome: 'held',
    });
  });

  it('names the cluster in the text and as a field', () => {
    const cluster = { context: 'prod', cluster: 'prod', server: 'https://api.prod', user: 'admin' };
    const event: TimedEvent = { kind: 'run-ended', outcome: 'held', message: 'It fails.', next: '', at: 0 };
    const said = noteOf(event, { ...run, cluster });
    expect(said?.text).toBe(`✘ held: It fails.\nCluster: prod (https://api.prod, user admin)\n${run.where}`);
    expect(said?.cluster).toEqual(cluster);
  });

  it('escapes Slack mentions and links in foreign text', () => {
    const event: TimedEvent = {
      kind: 'run-ended',
      outcome: 'held',
      message: '<!channel> & <http://x|y>',
      next: '',
      at: 0,
    };
    expect(noteOf(event, run)?.text).toContain('&lt;!channel&gt; &amp; &lt;http://x|y&gt;');
  });

  it('is not sent when a stage starts', () => {
    expect(
      noteOf({ kind: 'stage-started', step: 'precheck', number: 1, name: 'precheck', title: '', at: 0 }, run),
    ).toBeUndefined();
  });
});
