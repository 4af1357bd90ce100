import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { Holder } from '../model/holder.ts';
import { journalName, ourLabels } from '../model/journal.ts';
import type { RunRequest } from '../model/run-request.ts';
import { Leases } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Lease } from '../ports/objects.ts';
import { holderIn, logAnnotation, requestIn, withRequest } from './lease.ts';
import { LockHeld, LockLost } from './lock-errors.ts';
import { swap } from './swap.ts';

/** A run that cannot renew for this long starts nothing more; a run that sees no renewal for a whole lease takes over. */
const renewEveryMs = 5_000;
const renewWithinMs = 20_000;
const leaseMs = 30_000;
const pollMs = 1_000;

export interface LockPlace {
  cluster: Cluster;
  clock: Clock;
  /** 0 to 1: heartbeats of many runs do not fall together. */
  random: () => number;
  emit: Emit;
  namespace: string;
  tag: string;
  /** Before the lock is taken, which is the first write of every run. What it throws ends the run. */
  beforeFirstWrite?: () => Promise<void>;
}

/**
 * One run at a time writes: a Lease, as in client-go's leader election. Whether its holder lives is judged by whether it
 * changes, never by comparing clocks; a ghost's lock ends by itself. Its count of transitions is the epoch, which fences
 * every write of the journal. Unlike client-go's, a lease that lapsed while the API server was away is ours again if
 * no other run took it: the pause itself was harmless, since nothing is started while it is lapsed.
 */
export class Lock {
  readonly #place: LockPlace;
  readonly #holder: { id: string; where: string };
  #lease: Lease | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #lost: Error | undefined;
  /** As JSON; it is taken out of the Lease with the next write. */
  #obeyed: string | undefined;
  #watched: { lease: Lease; sinceMs: number } | undefined;
  #renewing: Promise<unknown> = Promise.resolve();
  #beat: { stop: AbortController; ended: Promise<void> } | undefined;

  constructor(place: LockPlace, holder: { id: string; where: string }) {
    this.#place = place;
    this.#holder = holder;
  }

  /** Fences what is written while it is held: higher than that of every holder before. */
  get epoch(): number {
    if (this.#lease === undefined) throw new Error('the lock was used before it was acquired');
    return this.#lease.spec.leaseTransitions ?? 0;
  }

  /** What a person asks of this run, as the last heartbeat saw it. */
  get request(): RunRequest | undefined {
    const request = requestIn(this.#lease);
    return JSON.stringify(request) === this.#obeyed ? undefined : request;
  }

  /** What was asked until now is done, or has lost its sense. */
  settleRequest(): void {
    this.#obeyed = JSON.stringify(requestIn(this.#lease)) ?? this.#obeyed;
  }

  /**
   * Waits for a ghost's lock to end; writes nothing.
   * @throws LOCK_HELD as soon as its holder has shown that it lives
   */
  async expectFree(signal: AbortSignal): Promise<void> {
    const { cluster, namespace } = this.#place;
    const [mayLook] = await cluster.may([{ verb: 'get', group: 'coordination.k8s.io', resource: 'leases', namespace }]);
    // A user that may not even read it lacks more rights than that, and the checks name all of them.
    if (mayLook === true) await this.#untilFree(undefined, signal);
  }

  /**
   * @param heirOf a holder that is known to have ended: its lock is taken at once
   * @param above the epoch of the journal, in case the Lease was deleted, and its count with it
   * @throws LOCK_HELD
   */
  async acquire(signal: AbortSignal, { heirOf, above = 0 }: { heirOf?: string; above?: number } = {}): Promise<void> {
    if (this.#lease === undefined) await this.#place.beforeFirstWrite?.();
    while (this.#lease === undefined) {
      const found = await this.#untilFree(heirOf, signal);
      const asked = this.#place.clock.now();
      const acquireTime = this.#clusterTime();
      const written = await this.#write(found, {
        acquireTime,
        renewTime: acquireTime,
        leaseTransitions: Math.max(found?.spec.leaseTransitions ?? 0, above) + 1,
      });
      // Another run was faster, and is treated like any other holder.
      if ('lost' in written) continue;
      this.#keep(written, asked);
    }
    if (this.#beat === undefined) {
      const stop = new AbortController();
      this.#beat = { stop, ended: this.#keepRenewing(stop.signal) };
    }
  }

  /** The run that took the lock continues from here: to wait any longer is useless. @throws LOCK_LOST */
  expectNotLost(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Before every effect. Renews first when the heartbeat came too late. @throws LOCK_LOST, or that the API server does not answer */
  async expectHeld(): Promise<void> {
    if (this.#lease === undefined) throw new Error('the lock was used before it was acquired');
    this.expectNotLost();
    if (this.#place.clock.now() >= this.#renewedAt + renewWithinMs) await this.#renew();
  }

  /** Only after everything in flight has settled. A lock that cannot be given back ends by itself. */
  async release(): Promise<void> {
    this.#beat?.stop.abort();
    await this.#beat?.ended;
    this.#beat = undefined;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease === undefined || this.#lost !== undefined) return;
    try {
      await this.#write(lease, { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 });
    } catch (failure) {
      this.#place.emit({ kind: 'lock-left', lock: this.#name, endsAfterMs: leaseMs, failure });
    }
  }

  get #name(): string {
    return journalName(this.#place.tag);
  }

  /** @returns the Lease that may be taken; `undefined` when there is none yet */
  async #untilFree(heirOf: string | undefined, signal: AbortSignal): Promise<Lease | undefined> {
    const { cluster, clock, namespace } = this.#place;
    for (;;) {
      const lease = await cluster.get<Lease>(Leases, this.#name, namespace);
      const holder = holderIn(lease);
      if (lease === undefined || holder === undefined || holder.id === heirOf || this.#hasEnded(lease, holder))
        return lease;
      if (signal.aborted) throw LockHeld.of(this.#place.tag, holder);
      try {
        await clock.sleep(pollMs, signal);
      } catch (failure) {
        throw LockHeld.because(failure, this.#place.tag, holder);
      }
    }
  }

  /** Unchanged for all of its duration, by our own clock since we first saw it so. @throws LOCK_HELD when it has changed */
  #hasEnded(lease: Lease, holder: Holder): boolean {
    const now = this.#place.clock.now();
    const before = this.#watched;
    const lastsMs = (lease.spec.leaseDurationSeconds ?? leaseMs / 1000) * 1000;
    if (before?.lease.spec.holderIdentity !== holder.id) {
      this.#watched = { lease, sinceMs: now };
      this.#place.emit({ kind: 'lock-held', tag: this.#place.tag, holder, endsAfterMs: lastsMs });
      return false;
    }
    if (before.lease.metadata.resourceVersion !== lease.metadata.resourceVersion)
      throw LockHeld.of(this.#place.tag, holder);
    return now - before.sinceMs >= lastsMs;
  }

  async #keepRenewing(signal: AbortSignal): Promise<void> {
    const { clock, random, emit } = this.#place;
    while (this.#lost === undefined) {
      try {
        await clock.sleep(renewEveryMs * (0.8 + 0.4 * random()), signal);
      } catch {
        return;
      }
      try {
        await this.#renew();
      } catch (failure) {
        // The next beat tries again; effects wait for one that succeeds.
        emit({ kind: 'lock-not-renewed', lock: this.#name, failure });
      }
    }
  }

  /** One at a time: the heartbeat and a late effect may ask together. */
  async #renew(): Promise<void> {
    const renewal = this.#renewing.then(async () => await this.#renewNow());
    this.#renewing = renewal.catch(() => undefined);
    await renewal;
  }

  async #renewNow(): Promise<void> {
    this.expectNotLost();
    const lease = this.#lease;
    if (lease === undefined) return;
    const asked = this.#place.clock.now();
    const spec = { ...lease.spec, renewTime: this.#clusterTime() };
    const written = await this.#write(lease, spec);
    if (!('lost' in written)) return this.#keep(written, asked);
    // A person may have changed the Lease, or deleted it, without taking it from this run.
    const { now } = written;
    const isOurs =
      now === undefined ||
      (now.spec.holderIdentity === this.#holder.id && now.spec.leaseTransitions === lease.spec.leaseTransitions);
    const again = isOurs ? await this.#write(now, spec) : written;
    if (!('lost' in again)) return this.#keep(again, asked);
    this.#lost = LockLost.of(this.#place.tag, holderIn(again.now));
    throw this.#lost;
  }

  #keep(lease: Lease, asked: number): void {
    this.#lease = lease;
    this.#renewedAt = asked;
  }

  async #write(known: Lease | undefined, spec: Lease['spec']): ReturnType<typeof swap<Lease>> {
    const { cluster, namespace } = this.#place;
    const { id, where } = this.#holder;
    const isSettled = this.#obeyed !== undefined && JSON.stringify(requestIn(known)) === this.#obeyed;
    const kept = known === undefined || !isSettled ? known : withRequest(known, undefined);
    const next: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: this.#name,
        namespace,
        labels: { ...kept?.metadata.labels, ...ourLabels },
        annotations: { ...kept?.metadata.annotations, [logAnnotation]: where },
      },
      spec: { holderIdentity: id, leaseDurationSeconds: leaseMs / 1000, ...spec },
    };
    return await swap(cluster, Leases, {
      known,
      next,
      isOurs: ({ spec: { holderIdentity, renewTime, leaseTransitions } }) =>
        holderIdentity === next.spec.holderIdentity &&
        renewTime === next.spec.renewTime &&
        leaseTransitions === next.spec.leaseTransitions,
    });
  }

  /** MicroTime of the API server's clock. */
  #clusterTime(): string {
    return new Date(this.#place.cluster.now()).toISOString().replace('Z', '000Z');
  }
}
