import { parseRatio } from '../../../src/config/ratio.ts';
import { parseDuration } from '../../../src/model/duration.ts';
import type { TimedEvent } from '../../../src/model/events.ts';
import { MutatingWebhooks } from '../../../src/ports/kinds.ts';
import type { Pod, WebhookConfiguration } from '../../../src/ports/objects.ts';
import type { FaultShape, ReleaseShape } from '../model/scenario-schema.ts';
import type { Sim } from '../sim/create-sim.ts';
import { UsualMeanMs } from '../sim/metrics/traffic.ts';
import type { FailureKind } from '../sim/metrics/traffic-settings.ts';

const tagWebhook = 'istio-revision-tag-default';

/** Makes the new release behave as the scenario says, from now on. */
export function releaseOnSim(sim: Sim, revision: string, release: ReleaseShape): void {
  const { errors, errorsAfter, errorsFromRun, slow, image, crashes, istiod } = release;
  const isNewProxy = ({ metadata }: Pod) => metadata.annotations?.['istio.io/rev'] === revision;
  if (image === 'missing') sim.kubelet.addRule({ matches: isNewProxy, stage: 'image-pull' });
  if (crashes === true) sim.kubelet.addRule({ matches: isNewProxy, stage: 'crash-loop' });
  if (istiod === 'never-ready')
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.name.startsWith(`istiod-${revision}`),
      stage: 'never-ready',
    });
  if (slow !== undefined)
    sim.traffic.setDuration({ revision, isGateway: false, meanMs: UsualMeanMs + parseDuration(slow) });
  if (errors === undefined || errorsFromRun !== undefined) return;
  const fail = () => failRequests(sim, revision, release);
  if (errorsAfter === undefined) fail();
  else
    sim.when(
      () => sim.pods().some(isNewProxy),
      () => sim.in(parseDuration(errorsAfter), fail),
    );
}

/** Failures by the release, beside those that the mesh has at all times. */
const cause = 'release';

/** From now on its proxies fail the share of requests that the scenario gives: as on kind, those of workloads, and gateways by name only. */
export function failRequests(sim: Sim, revision: string, { errors = 0, errorsIn, failure }: ReleaseShape): void {
  const scopes = errorsIn?.map((namespace) => ({ revision, namespace })) ?? [{ revision, isGateway: false }];
  for (const scope of scopes)
    if (failure?.tcp) sim.traffic.setConnectionFailures({ ...scope, ratio: parseRatio(errors) });
    else sim.traffic.setErrorRatio({ ...scope, cause, ratio: parseRatio(errors), failure: failureKind(failure) });
}

/** From now on it fails no request that the old release would serve. */
export function repairOnSim(sim: Sim, revision: string): void {
  sim.traffic.setErrorRatio({ revision, cause, ratio: 0 });
  sim.traffic.setConnectionFailures({ revision, ratio: 0 });
}

function failureKind({ status = 503, grpc, noRoute }: Partial<NonNullable<ReleaseShape['failure']>> = {}): FailureKind {
  if (grpc) return { responseCode: '200', grpcStatus: '14' };
  if (noRoute) return { responseCode: '404', flags: 'NR', seenBy: 'client' };
  return { responseCode: String(status) };
}

/** The faults of a scenario: each begins at its stage of the first run that gets there, once. */
export class SimFaults {
  readonly #sim: Sim;
  readonly #revision: string;
  readonly #rps: number;
  readonly #waiting: Set<FaultShape>;
  readonly #endWithRun = new Set<() => void>();

  /**
   * @param revision that of the new release
   * @param rps what each proxy serves while nothing is wrong
   */
  constructor(sim: Sim, revision: string, faults: readonly FaultShape[], rps: number) {
    this.#sim = sim;
    this.#revision = revision;
    this.#rps = rps;
    this.#waiting = new Set(faults);
  }

  see(event: TimedEvent): void {
    if (event.kind !== 'stage-started') return;
    for (const fault of this.#waiting) {
      if (fault.stage !== event.step) continue;
      this.#waiting.delete(fault);
      const end = this.#begin(fault.kind);
      if (fault.for === undefined) this.#endWithRun.add(end);
      else this.#sim.in(parseDuration(fault.for), end);
    }
  }

  /** Ends the faults that have no time of their own. */
  runEnded(): void {
    for (const end of this.#endWithRun) end();
    this.#endWithRun.clear();
  }

  /** A scenario that says a fault and does not have it proves nothing. */
  get neverBegun(): readonly string[] {
    return [...this.#waiting].map(({ kind, stage }) => `${kind} at stage ${stage}`);
  }

  #begin(kind: FaultShape['kind']): () => void {
    switch (kind) {
      case 'prometheus-down':
        this.#sim.prometheus.faults.down = true;
        return () => {
          this.#sim.prometheus.faults.down = false;
        };
      case 'gitops-reverts-tag':
        return this.#revertTag();
      case 'traffic-stops':
        this.#sim.traffic.setRate({ rps: 0 });
        return () => this.#sim.traffic.setRate({ rps: this.#rps });
      case 'incident':
        this.#sim.traffic.setErrorRatio({ cause: 'incident', ratio: 0.05, failure: { responseCode: '503' } });
        return () => this.#sim.traffic.setErrorRatio({ cause: 'incident', ratio: 0 });
      case 'istiod-crashes':
        return this.#sim.kubelet.addRule({
          matches: ({ metadata }) => metadata.name.startsWith(`istiod-${this.#revision}-`),
          stage: 'crash-loop',
        });
    }
  }

  /** Puts the webhook back to the old revision now, and whenever it is moved. */
  #revertTag(): () => void {
    let on = true;
    const { registry, istiods } = this.#sim;
    const [old = ''] = istiods.revisions();
    const revert = () => {
      const live = registry.get<WebhookConfiguration>(MutatingWebhooks, tagWebhook);
      if (!on || live.metadata.labels?.['istio.io/rev'] === old) return;
      const webhooks = live.webhooks?.map((webhook) => ({
        ...webhook,
        clientConfig: {
          ...webhook.clientConfig,
          service: { ...webhook.clientConfig.service, name: `istiod-${old}` },
        },
      }));
      const body = { metadata: { labels: { 'istio.io/rev': old } }, webhooks };
      registry.patch(MutatingWebhooks, { name: tagWebhook }, { type: 'merge', body }, { manager: 'argocd-controller' });
    };
    revert();
    this.#sim.store.onChange(({ kind, object, type }) => {
      if (!on || kind.plural !== MutatingWebhooks.plural || object.metadata.name !== tagWebhook) return;
      if (type === 'MODIFIED') this.#sim.in(0, revert);
    });
    return () => {
      on = false;
    };
  }
}
