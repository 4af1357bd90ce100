import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDuration } from '../model/duration.ts';
import { type GateSettings, passRequests } from '../model/gate-settings.ts';
import { revisionOfVersion } from '../model/revision.ts';
import { equalMatchers } from '../promql/selector.ts';
import type { Path } from './complaint.ts';
import type { Config, HelmConfig, InstallerConfig, Outside, PrometheusSource } from './config.ts';
import { parsePortion, parseRatio } from './ratio.ts';
import { type ConfigShape, type HelmShape, helmSchema, QUERY_TIMEOUT } from './schema.ts';
import { splitWords } from './split-words.ts';

/** Turns units into numbers, fills in what depends on other fields, and resolves paths against the config's folder. */
export function resolveConfig(shape: ConfigShape, file: string, placeOf: (path: Path) => string): Config {
  const { mesh, target, strategy, gateways, waves, gate, waivers, ignoreFindings, pace, soak, on } = shape;
  return {
    file,
    mesh: {
      tag: mesh.tag,
      namespace: mesh.namespace,
      ...(mesh.cluster === undefined ? {} : { cluster: mesh.cluster }),
      ...(mesh.tagOwner === undefined ? {} : { tagOwner: mesh.tagOwner }),
      ...(mesh.namespaceOwner === undefined ? {} : { namespaceOwner: mesh.namespaceOwner }),
      ...(mesh.installer === undefined ? {} : { installer: installerConfig(mesh.installer, file) }),
    },
    target: {
      version: target.version,
      revision: target.revision ?? revisionOfVersion(target.version),
      istioctl: target.istioctl.includes('/') ? besideConfig(file, target.istioctl) : target.istioctl,
      valuesFiles: [target.values].flat().map((path) => besideConfig(file, path)),
      carryOver: target.carryOver,
      accept: target.accept,
      set: target.set,
      allowDowngrade: target.allowDowngrade,
    },
    strategy,
    gateways,
    waves: waves.map(({ name, namespaces = [], selector, except, atOnce }) => ({
      name,
      namespaces,
      ...(selector !== undefined && { selector }),
      ...(except.length > 0 && { except }),
      atOnce: parsePortion(atOnce),
    })),
    gate: gateSettings(gate, parseDuration(pace.patience)),
    prometheus: prometheusSource(gate.prometheus, file, placeOf),
    waivers,
    ignoreFindings: ignoreFindings.map(({ object, ...ignored }) => ({
      ...ignored,
      ...(object === undefined ? {} : { object }),
    })),
    pace: {
      workloadsAtOnce: pace.workloadsAtOnce,
      rolloutTimeoutMs: parseDuration(pace.rolloutTimeout),
      patienceMs: parseDuration(pace.patience),
      roomTimeoutMs: parseDuration(pace.roomTimeout),
    },
    externalTimeoutMs: parseDuration(pace.externalTimeout),
    soakMs: parseDuration(soak),
    on: { ...on, broken: { workloads: on.broken.workloads, ratio: parseRatio(on.broken.share) } },
  };
}

function installerConfig(installer: NonNullable<ConfigShape['mesh']['installer']>, file: string): InstallerConfig {
  if (installer === 'helm') return { kind: 'helm', ...usualHelm() };
  if (typeof installer === 'string') return { kind: installer };
  if ('helm' in installer) return { kind: 'helm', ...helmConfig(installer.helm, file) };
  const { install, remove, timeout } = installer.command;
  return {
    kind: 'command',
    install: wordsOf(install),
    remove: wordsOf(remove),
    timeoutMs: parseDuration(timeout),
    folder: dirname(file),
  };
}

function helmConfig({ charts, binary, timeout }: HelmShape, file: string): HelmConfig {
  // Whole, so that helm does not take it for the name of a repository.
  const place = (at: string): string => (/^\.{0,2}\//.test(at) ? resolve(besideConfig(file, at)) : at);
  return {
    charts:
      typeof charts !== 'string'
        ? { base: { reference: place(charts.base) }, istiod: { reference: place(charts.istiod) } }
        : /^https?:/.test(charts)
          ? { base: { reference: 'base', repository: charts }, istiod: { reference: 'istiod', repository: charts } }
          : { base: { reference: `${place(charts)}/base` }, istiod: { reference: `${place(charts)}/istiod` } },
    binary: binary.includes('/') ? besideConfig(file, binary) : binary,
    timeoutMs: parseDuration(timeout),
  };
}

/** As if `mesh.installer: helm` stood in a config. */
export const usualHelm = (): HelmConfig => helmConfig(helmSchema.parse({}), '');

/** A text that cannot be split was complained about before. */
function wordsOf(line: string | readonly string[]): readonly string[] {
  if (typeof line !== 'string') return line;
  const split = splitWords(line);
  return 'words' in split ? split.words : [];
}

function gateSettings(gate: ConfigShape['gate'], patienceMs: number): GateSettings {
  const bakeMs = parseDuration(gate.bake);
  return {
    intervalMs: parseDuration(gate.interval),
    settleMs: parseDuration(gate.settle),
    bakeMs,
    maxBakeMs: gate.maxBake === undefined ? 3 * bakeMs : parseDuration(gate.maxBake),
    telemetryTimeoutMs: gate.telemetryTimeout === undefined ? patienceMs : parseDuration(gate.telemetryTimeout),
    watchMs: parseDuration(gate.watch),
    minRequests: gate.minRequests ?? passRequests(parseRatio(gate.errorRatio)),
    errorRatioMax: parseRatio(gate.errorRatio),
    xdsRejectsMax: gate.xdsRejects,
    injectionFailuresMax: gate.injectionFailures,
    labels: gate.labels,
    match: typeof gate.prometheus === 'string' ? '' : equalMatchers(gate.prometheus.match),
    checks: gate.checks.map(({ name, query, max, min, empty }) => ({
      name,
      query,
      ...(max === undefined ? {} : { max: parseRatio(max) }),
      ...(min === undefined ? {} : { min: parseRatio(min) }),
      empty,
    })),
    ...(gate.mode === 'observe' && { mode: gate.mode }),
  };
}

function prometheusSource(
  source: ConfigShape['gate']['prometheus'],
  file: string,
  placeOf: (path: Path) => string,
): PrometheusSource {
  if (typeof source === 'string') {
    return { url: source, headers: [], insecureSkipVerify: false, timeoutMs: parseDuration(QUERY_TIMEOUT) };
  }
  const at = (...steps: string[]) => placeOf(['gate', 'prometheus', ...steps]);
  const outside = (envName: string | undefined, path: string | undefined, place: string): Outside | undefined => {
    if (envName !== undefined) return { from: 'env', name: envName, at: place };
    return path === undefined ? undefined : { from: 'file', path: besideConfig(file, path), at: place };
  };
  const { bearerTokenEnv, bearerTokenFile, basicAuth } = source;
  const bearerToken = outside(
    bearerTokenEnv,
    bearerTokenFile,
    at(bearerTokenEnv === undefined ? 'bearerTokenFile' : 'bearerTokenEnv'),
  );
  const password =
    basicAuth &&
    outside(
      basicAuth.passwordEnv,
      basicAuth.passwordFile,
      at('basicAuth', basicAuth.passwordEnv === undefined ? 'passwordFile' : 'passwordEnv'),
    );
  const ca = outside(undefined, source.caFile, at('caFile'));
  const cert = outside(undefined, source.certFile, at('certFile'));
  const key = outside(undefined, source.keyFile, at('keyFile'));
  return {
    url: source.url,
    ...(bearerToken && { bearerToken }),
    ...(basicAuth && password && { basicAuth: { username: basicAuth.username, password } }),
    ...(source.sigv4 && { sigv4: { ...source.sigv4, at: at('sigv4') } }),
    headers: Object.entries(source.headers).map(([name, value]) => ({ name, value, at: at('headers', name) })),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    insecureSkipVerify: source.insecureSkipVerify,
    timeoutMs: parseDuration(source.timeout),
  };
}

function besideConfig(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
