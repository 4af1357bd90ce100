import * as core from '@actions/core';
import { messageOf } from '../model/upgrade-error.ts';
import { releaseOfConfig, releaseToRollBack } from '../verbs/target-release.ts';
import { fetchIstioctl, probeIstioctl } from './fetch-istioctl.ts';
import { configFile, type Inputs, needsConfig } from './inputs.ts';
import type { Step } from './step.ts';
import { verbEnvironment, verbOptions } from './verb-options.ts';

const withoutIstioctl: ReadonlySet<Inputs['command']> = new Set([
  'status',
  'pause',
  'resume',
  'abort',
  'unlock',
  'rehearse',
]);

/**
 * The step `istioctl` of action.yml: finds istioctl of the target release, and verifies its version. It tries in this order: the
 * input, the config, the PATH if the version fits, the tool cache, the download.
 */
export async function istioctlStepOfAction({ inputs, env, log }: Step): Promise<number> {
  if (withoutIstioctl.has(inputs.command)) {
    log.line(`${inputs.command} needs no istioctl.`);
    return 0;
  }
  if (inputs.offline === 'true') {
    log.line('No cluster is contacted, so no istioctl is needed.');
    return 0;
  }
  const path = await foundOrLeft({ inputs, env, log });
  if (path !== undefined) core.setOutput('path', path);
  return 0;
}

type Wanted = Pick<Step, 'inputs' | 'env' | 'log'>;

/** A rollback must not wait for a mirror that is down: without istioctl it restores the tag from the journal. */
async function foundOrLeft({ inputs, env, log }: Wanted): Promise<string | undefined> {
  const canDoWithout = inputs.command === 'rollback' || inputs.command === 'finalize';
  try {
    return await find({ inputs, env, log });
  } catch (failure) {
    if (!canDoWithout) throw failure;
    log.annotate('warning', 'No istioctl', `The tag will be restored from the journal. ${messageOf(failure)}`);
    return undefined;
  }
}

async function find({ inputs, env, log }: Wanted): Promise<string | undefined> {
  const config = configFile(inputs);
  const options = verbOptions(inputs, env);
  const release =
    config !== undefined && needsConfig(inputs)
      ? releaseOfConfig(config)
      : await releaseToRollBack(options, verbEnvironment(inputs, env));
  if (release === undefined) {
    log.line('There is neither a config nor an upgrade under way, so no istioctl is needed.');
    return undefined;
  }
  const given = inputs.istioctl ?? release.istioctl;
  const path = given ?? (await onPath(release.version)) ?? (await fetched(release.version, inputs, log));
  const version = given === undefined ? release.version : await probeIstioctl(given);
  log.line(`istioctl ${version}: ${path}`);
  return path;
}

/** An istioctl in the image of the runner saves the download; another version, or none, is not an error. */
async function onPath(version: string): Promise<string | undefined> {
  try {
    return (await probeIstioctl('istioctl')) === version ? 'istioctl' : undefined;
  } catch {
    return undefined;
  }
}

async function fetched(version: string, inputs: Inputs, log: Step['log']): Promise<string> {
  const mirror = inputs['istioctl-mirror'];
  const sha256 = inputs['istioctl-sha256'];
  return await fetchIstioctl({
    version,
    tell: (text) => log.line(text),
    ...(mirror === undefined ? {} : { mirror }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
}
