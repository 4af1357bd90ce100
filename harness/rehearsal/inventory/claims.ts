import { Expectations } from '../scenarios/expectations.ts';
import type { Prediction } from './predict.ts';

/** What a rehearsed upgrade should show; repair what does not hold before the real one. */
export function claimsOf({ outcome, message, release, stuck, surge, sight, waves }: Prediction): Expectations {
  const claims = new Expectations();
  if (release === 'good' || release === 'seed')
    claims.expect('the upgrade is completed', outcome === 'completed', `${outcome}: ${message}`);
  else claims.expect(`release ${release} is not let through`, outcome !== 'completed', `${outcome}: ${message}`);
  const open = stuck.filter(({ waived }) => !waived);
  claims.expect(
    'nothing keeps its old proxy',
    open.length === 0,
    open.map(({ what, why }) => `${what}: ${why}`).join('; '),
  );
  const tight = surge.filter(({ fits }) => fits === false);
  claims.expect(
    'the nodes have room for the surge',
    tight.length === 0,
    `none for ${names(tight.map(({ part }) => part))}`,
  );
  const blind = sight.filter(({ enough }) => !enough);
  claims.expect(
    'every wave serves enough requests for a verdict within one bake',
    blind.length === 0,
    blind.map(({ wave, requests }) => `${wave}: ${requests} requests`).join('; '),
  );
  const silent = sight.flatMap(({ silent: namespaces }) => namespaces);
  claims.expect(
    'the gate sees traffic in every namespace',
    sight.length > 0 && silent.length === 0,
    sight.length === 0 ? 'the inventory knows no traffic' : `none in ${names(silent)}`,
  );
  claims.expect('there is a canary and something after it', waves.length > 1, `${waves.length} waves`);
  return claims;
}

const names = (all: readonly string[]): string =>
  all.length <= 5 ? all.join(', ') : `${all.slice(0, 5).join(', ')} and ${all.length - 5} more`;
