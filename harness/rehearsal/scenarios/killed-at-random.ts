import type { Scenario } from '../model/scenario.ts';
import { Random } from '../sim/random.ts';
import { parseScenario } from './load-scenario.ts';

/** A run is killed within so much of its work: short enough that ten of them do not reach the end of a seed's upgrade. */
const longestMs = 5_000;

/** The upgrade of the seed, killed so many times at moments drawn from a seed, and run once more: the same end. */
export function killedAtRandom(kills: number, seed: number): Scenario {
  const random = new Random(seed).fork('kills');
  const runs = Array.from({ length: kills }, () => {
    const ms = Math.round(random.between(50, longestMs));
    return `  - { verb: upgrade, killAfter: ${ms >= 1_000 ? `${Math.floor(ms / 1_000)}s` : ''}${ms % 1_000}ms }`;
  });
  return parseScenario(
    `title: killed ${kills} times at random moments (seed ${seed}) and completed by the last run
backends: [sim, lab]
entryPoint: cli
runs:
${runs.join('\n')}
  - { verb: upgrade, exitCode: 0, outcome: completed }
expect:
  tag: new
  pods: new
  controlPlanes: [new]
  restarts: { "outside/*": 0, "monitoring/*": 0, "*/*": 1 }
  untouched: [outside]
`,
    'killed-at-random.yaml',
  );
}
