import { DeadWebhooks } from './stories/dead-webhooks.ts';
import { EmptyCluster } from './stories/empty-cluster.ts';
import { GatewayApi } from './stories/gateway-api.ts';
import { Injection } from './stories/injection.ts';
import { DefaultProfile, WithoutRevision } from './stories/other-beginnings.ts';
import { Uninstalls } from './stories/uninstalls.ts';
import { Upgrade } from './stories/upgrade.ts';
import { WithoutRights } from './stories/without-rights.ts';
import type { Story } from './story.ts';

/** The first one needs a cluster that never had Istio. */
export const Stories: readonly Story[] = [
  EmptyCluster,
  WithoutRights,
  Upgrade,
  Uninstalls,
  WithoutRevision,
  DefaultProfile,
  GatewayApi,
  DeadWebhooks,
  Injection,
];

/** For every run of the lab's tests; all of them take minutes, and are what `npm run contract -- --backend lab` tells. */
export const ShortStories: readonly Story[] = [WithoutRights, Uninstalls, DeadWebhooks];
