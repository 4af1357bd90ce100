import * as core from '@actions/core';
import { messageOf } from '../model/upgrade-error.ts';
import { targetRelease } from '../verbs/target-release.ts';
import { fetchIstioctl, probeIstioctl } from './fetch-istioctl.ts';
import type { Inputs } from './inputs.ts';
import type { Step } from './step.ts';
import { verbEnvironment, verbOptions } from './verb-options.ts';

/**
 * The step `istioctl` of action.yml: finds istioctl of the target release, and proves that it is the one. The input outranks
 * the config; then the one on the PATH if its version fits, the tool cache, the download.
 */
export async function istioctlStepOfAction({ inputs, env, log }: Step): Promise<number> {
  if (inputs.command === 'status' || inputs.command === 'unlock' || inputs.command === 'rehearse') {
    log.line(`${inputs.command} needs no istioctl.`);
    return 0;
  }
  if (inputs.offline === 'true') {
    log.line('No cluster is asked, so no istioctl is needed.');
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

/** The way back must not wait for a mirror that is down: without istioctl it puts the tag back from the journal. */
const canDoWithout: ReadonlySet<Inputs['command']> = new Set(['rollback', 'finalize']);

async function fetchedOrLeft(version: string, inputs: Inputs, log: Step['log']): Promise<string | undefined> {
  try {
    return await fetched(version, inputs, (text) => log.line(text));
  } catch (failure) {
    if (!canDoWithout.has(inputs.command)) throw failure;
    log.annotate('warning', 'No istioctl', `The tag will be put back from the journal. ${messageOf(failure)}`);
    return undefined;
  }
}

/** What an image brings along saves the download; another version, or none, is no mistake. */
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
