import * as core from '@actions/core';
import { messageOf } from '../model/upgrade-error.ts';
import { targetRelease } from '../verbs/target-release.ts';
import { fetchIstioctl, probeIstioctl } from './fetch-istioctl.ts';
import type { Inputs } from './inputs.ts';
import type { Step } from './step.ts';
import { verbEnvironment, verbOptions } from './verb-options.ts';

/**
 * The step `istioctl` of action.yml: finds istioctl of the target release, and verifies its version. It tries in this order: the
 * input, the config, the PATH if the version fits, the tool cache, the download.
 */
export async function istioctlStepOfAction({ inputs, env, log }: Step): Promise<number> {
  if (inputs.command === 'status' || inputs.command === 'unlock' || inputs.command === 'rehearse') {
    log.line(`${inputs.command} needs no istioctl.`);
    return 0;
  }
  if (inputs.offline === 'true') {
    log.line('No cluster is contacted, so no istioctl is needed.');
    return 0;
  }
  const release = await targetRelease(verbOptions(inputs, env), verbEnvironment(inputs, env));
  if (release === undefined) {
    log.line('There is neither a config nor an upgrade under way, so no istioctl is needed.');
    return 0;
  }
  const given = inputs.istioctl ?? release.istioctl;
  const path = given ?? (await onPath(release.version)) ?? (await fetchedOrLeft(release.version, inputs, log));
  if (path === undefined) return 0;
  const version = given === undefined ? release.version : await probeIstioctl(given);
  log.line(`istioctl ${version}: ${path}`);
  core.setOutput('path', path);
  return 0;
}

/** A rollback must not wait for a mirror that is down: without istioctl it restores the tag from the journal. */
const canDoWithout: ReadonlySet<Inputs['command']> = new Set(['rollback', 'finalize']);

async function fetchedOrLeft(version: string, inputs: Inputs, log: Step['log']): Promise<string | undefined> {
  try {
    return await fetched(version, inputs, (text) => log.line(text));
  } catch (failure) {
    if (!canDoWithout.has(inputs.command)) throw failure;
    log.annotate('warning', 'No istioctl', `The tag will be restored from the journal. ${messageOf(failure)}`);
    return undefined;
  }
}

/** An istioctl in the image of the runner saves the download; another version, or none, is not an error. */
async function onPath(version: string): Promise<string | undefined> {
  try {
    return (await probeIstioctl('istioctl')) === version ? 'istioctl' : undefined;
  } catch {
    return undefined;
  }
}

async function fetched(version: string, inputs: Inputs, tell: (text: string) => void): Promise<string> {
  const mirror = inputs['istioctl-mirror'];
  const sha256 = inputs['istioctl-sha256'];
  return await fetchIstioctl({
    version,
    tell,
    ...(mirror === undefined ? {} : { mirror }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
}
