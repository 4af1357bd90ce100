import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Pod } from '../../../../src/ports/objects.ts';
import { inject } from './inject.ts';
import { settingsIn } from './injector-settings.ts';
import { type Command, failed, succeeded, takes } from './istioctl-command.ts';

/**
 * A pod as the injector of a revision would make it, from texts in files; contacts no cluster. A served istioctl is not given the
 * environment, and makes native sidecars, as the istiods here do.
 */
export const kubeInject: Command = async (context, args) => {
  await takes(context, 300);
  const [config, values] = [args.value('--injectConfigFile'), args.value('--valuesFile')];
  if (config === undefined || values === undefined || args.value('--meshConfigFile') === undefined)
    return failed('not simulated: kube-inject that reads the cluster');
  const texts = readFileSync(values, 'utf8');
  const { global: common } = JSON.parse(texts) as { global?: { tag?: string } };
  const pod = JSON.parse(args.stdin) as Pod;
  const isPlain = args.env['ENABLE_NATIVE_SIDECARS'] === 'false';
  const annotations = isPlain
    ? { 'sidecar.istio.io/nativeSidecar': 'false', ...pod.metadata.annotations }
    : pod.metadata.annotations;
  const injected = inject(
    { ...pod, metadata: { ...pod.metadata, ...(annotations && { annotations }) } },
    pod.metadata.namespace ?? '',
    {
      revision: args.value('--revision') ?? 'default',
      version: String(common?.tag ?? context.version),
      settings: settingsIn(readFileSync(config, 'utf8'), texts),
    },
  );
  return succeeded(`${stringify(injected)}---\n`);
};
