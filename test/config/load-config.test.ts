import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-errors.ts';
import type { PromqlLint } from '../../src/config/gate-rules.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { lintPromql } from '../../src/promql/lint-promql.ts';
import { selector } from '../../src/promql/selector.ts';

/** Knows the variables of the documentation and calls a double bracket a syntax error. */
const lint: PromqlLint = {
  lintPromql: (query) =>
    query
      .split('\n')
      .flatMap((line, index) =>
        line.includes('((') ? [{ line: index + 1, column: line.indexOf('((') + 1, message: 'unexpected "("' }] : [],
      ),
  unknownVariables: (query) =>
    [...query.matchAll(/\$\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined || name === 'window' ? [] : [name])),
};

const TARGET = 'target: { version: 1.31.0 }';
const WAVES = 'waves: [{ name: canary, namespaces: [bar] }]';
const GATE = 'gate: { prometheus: http://p:9090 }';

function load(...lines: string[]) {
  return loadConfig(lines.join('\n'), 'istio-upgrade.yaml', lint);
}

/** What a user reads, without the file's name. */
function complaints(...lines: string[]): string[] {
  try {
    load(...lines);
  } catch (thrown) {
    if (thrown instanceof ConfigError)
      return thrown.message.split('\n').map((line) => line.replace(/^istio-upgrade.yaml:/, ''));
    throw thrown;
  }
  return [];
}

const withGate = (gate: string) => [TARGET, WAVES, `gate: { prometheus: http://p:9090, ${gate} }`];
const withWaves = (...waves: string[]) => [TARGET, GATE, 'waves:', ...waves.map((wave) => `  - ${wave}`)];
const withPrometheus = (fields: string) => [TARGET, WAVES, `gate: { prometheus: { url: http://p, ${fields} } }`];
const withTarget = (fields: string) => [`target: { version: 1.31.0, ${fields} }`, WAVES, GATE];

describe('a config', () => {
  it('needs only a version, a wave and Prometheus', () => {
    expect(load(TARGET, WAVES, GATE)).toEqual({
      file: 'istio-upgrade.yaml',
      mesh: { tag: 'default', namespace: 'istio-system' },
      target: {
        version: '1.31.0',
        revision: '1-31-0',
        istioctl: 'istioctl',
        carryOver: true,
        valuesFiles: [],
        set: [],
        accept: [],
        allowDowngrade: false,
      },
      strategy: 'tag-first',
      gateways: [],
      waves: [{ name: 'canary', namespaces: ['bar'], atOnce: { ratio: 1 } }],
      gate: {
        intervalMs: 15_000,
        settleMs: 30_000,
        bakeMs: 600_000,
        maxBakeMs: 1_800_000,
        telemetryTimeoutMs: 900_000,
        watchMs: 300_000,
        minRequests: 300,
        errorRatioMax: 0.01,
        xdsRejectsMax: 0,
        injectionFailuresMax: 0,
        labels: { namespace: 'namespace', pod: 'pod' },
        match: '',
        checks: [],
      },
      prometheus: { url: 'http://p:9090', headers: [], insecureSkipVerify: false, timeoutMs: 15_000 },
      waivers: [],
      ignoreFindings: [],
      pace: { workloadsAtOnce: 20, rolloutTimeoutMs: 900_000, roomTimeoutMs: 180_000, patienceMs: 900_000 },
      externalTimeoutMs: 600_000,
      soakMs: 60_000,
      on: {
        failure: 'rollback',
        cancel: 'hold',
        inconclusive: 'hold',
        broken: { workloads: 3, ratio: 0.05 },
      },
    });
  });

  it('has a gate that decides, unless it says that the gate only observes', () => {
    const modeOf = (mode: string) => load(TARGET, WAVES, `gate: { prometheus: http://p, ${mode} }`).gate.mode;
    expect(modeOf('')).toBeUndefined();
    expect(modeOf('mode: enforce')).toBeUndefined();
    expect(modeOf('mode: observe')).toBe('observe');
  });

  it('is loaded with its units converted', () => {
    const { waves, gate } = load(
      TARGET,
      'waves: [{ name: a, namespaces: [a], atOnce: 25% }, { name: b, namespaces: "*", atOnce: 3 }]',
      'gate: { prometheus: http://p, bake: 1h30m, errorRatio: 0.7%, checks: [{ name: x, query: up, max: 0.5%, min: -1 }] }',
    );
    expect(waves.map(({ atOnce }) => atOnce)).toEqual([{ ratio: 0.25 }, { count: 3 }]);
    expect(gate).toMatchObject({ bakeMs: 5_400_000, maxBakeMs: 16_200_000, errorRatioMax: 0.007 });
    expect(gate.checks).toEqual([{ name: 'x', query: 'up', max: 0.005, min: -1, empty: 'hold' }]);
  });

  it.for([
    {
      installer: 'helm',
      charts: {
        base: { reference: 'base', repository: 'https://istio-release.storage.googleapis.com/charts' },
        istiod: { reference: 'istiod', repository: 'https://istio-release.storage.googleapis.com/charts' },
      },
    },
    {
      installer: '{ helm: { charts: "oci://example.com/istio" } }',
      charts: {
        base: { reference: 'oci://example.com/istio/base' },
        istiod: { reference: 'oci://example.com/istio/istiod' },
      },
    },
    {
      installer: '{ helm: { charts: istio } }',
      charts: { base: { reference: 'istio/base' }, istiod: { reference: 'istio/istiod' } },
    },
    {
      installer: '{ helm: { charts: ./charts } }',
      charts: { base: { reference: resolve('ops/charts/base') }, istiod: { reference: resolve('ops/charts/istiod') } },
    },
    {
      installer: '{ helm: { charts: { base: ../base, istiod: /charts/istiod } } }',
      charts: { base: { reference: resolve('base') }, istiod: { reference: '/charts/istiod' } },
    },
  ])('finds the charts of installer $installer', ({ installer, charts }) => {
    const text = [`mesh: { installer: ${installer} }`, TARGET, WAVES, GATE].join('\n');
    expect(loadConfig(text, 'ops/istio.yaml', lint).mesh.installer).toEqual({
      kind: 'helm',
      charts,
      binary: 'helm',
      timeoutMs: 300_000,
    });
  });

  it('may install by its own commands, split into words, which start in its own folder', () => {
    const mesh = `mesh: { installer: { command: { install: "make 'REV={revision} x'", remove: [rm, "{revision}"], timeout: 3m } } }`;
    expect(loadConfig([mesh, TARGET, WAVES, GATE].join('\n'), 'ops/istio.yaml', lint).mesh.installer).toEqual({
      kind: 'command',
      install: ['make', 'REV={revision} x'],
      remove: ['rm', '{revision}'],
      timeoutMs: 180_000,
      folder: 'ops',
    });
  });

  it('resolves files relative to its own folder, and istioctl without a slash on the PATH', () => {
    const text = ['target: { version: 1.31.0, values: v.yaml, istioctl: bin/istioctl }', WAVES, GATE].join('\n');
    expect(loadConfig(text, 'ops/istio.yaml', lint).target).toMatchObject({
      valuesFiles: ['ops/v.yaml'],
      istioctl: 'ops/bin/istioctl',
    });
  });

  it('may use anchors, and a complaint points to the value that the alias stands for', () => {
    const lines = ['mesh: { tag: &name stable }', TARGET, GATE, 'waves: [{ name: *name, namespaces: [bar] }]'];
    expect(load(...lines).waves[0]?.name).toBe('stable');
    expect(complaints(...lines, 'gateways: [*name]')).toEqual([
      '1:20: gateways[0] "stable" is not a pair NAMESPACE/NAME; write for example - istio-ingress/istio-ingressgateway',
    ]);
  });

  it.for(['https://prometheus.example/prefix', 'kubernetes://monitoring/prometheus:http/prefix?scheme=https'])(
    'may reach Prometheus at %s',
    (url) => {
      expect(load(TARGET, WAVES, `gate: { prometheus: "${url}" }`).prometheus.url).toBe(url);
    },
  );

  it('names its cluster by labels, which every query gets as matchers of PromQL', () => {
    const match = 'match: { region: "eu \\"1\\"", cluster: prod-1, replica: "" }';
    const { gate } = load(...withPrometheus(match));
    expect(gate.match).toBe('cluster="prod-1", region="eu \\"1\\"", replica=""');
    expect(lintPromql(selector('up', gate.match))).toEqual([]);
  });

  it('keeps the line that asks for each secret', () => {
    const { prometheus } = load(
      TARGET,
      WAVES,
      'gate:',
      '  prometheus:',
      '    url: https://p',
      '    bearerTokenEnv: TOKEN',
    );
    expect(prometheus.bearerToken).toEqual({ from: 'env', name: 'TOKEN', at: 'istio-upgrade.yaml:6:21' });
  });
});

describe("a check's query", () => {
  const query =
    (text: string, prometheus = 'http://p:9090') =>
    () => {
      const gate = `gate: { prometheus: ${prometheus}, checks: [{ name: x, query: '${text}', max: 1 }] }`;
      loadConfig([TARGET, WAVES, gate].join('\n'), 'c.yaml');
    };

  it.for([
    'up',
    `sum(rate(http_errors{namespace=~"\${namespaces}"}[\${window}])) / sum(rate(http{namespace=~"\${namespaces}"}[\${window}]))`,
    `pilot_xds{version="\${revision}"} - pilot_xds{version="\${from}"} offset \${window}`,
    `sum(http_errors{\${match}, namespace=~"\${namespaces}"}) / sum(http{namespace=~"\${namespaces}", \${match}})`,
  ])('may be %s', (text) => {
    expect(query(text)).not.toThrow();
  });

  it.for([
    {
      text: 'sum(rate(up[5m])',
      says: 'c.yaml:3:80: gate.checks[0].query is not valid PromQL at its line 1, column 17: unexpected end of the query',
    },
    {
      text: `rate(up{a="\${wave}"}[\${window}]) )`,
      says: 'c.yaml:3:97: gate.checks[0].query is not valid PromQL at its line 1, column 34: unexpected )',
    },
    {
      text: 'up[5m]',
      says: 'c.yaml:3:64: gate.checks[0].query is not valid PromQL at its line 1, column 1: the query results in a range vector',
    },
    {
      text: `up{a="b" \${match}} )`,
      prometheus: '{ url: http://p, match: { c: d } }',
      says: 'c.yaml:3:94: gate.checks[0].query is not valid PromQL at its line 1, column 10: unexpected x',
    },
    {
      text: `sum({\${match}})`,
      says: 'c.yaml:3:68: gate.checks[0].query is not valid PromQL at its line 1, column 5: a selector without a name needs a matcher',
    },
  ])('is refused with line and column: $text', ({ text, prometheus, says }) => {
    expect(query(text, prometheus)).toThrow(says);
  });
});

describe('a complaint', () => {
  it.for([
    {
      of: 'an empty file',
      lines: [''],
      says: [
        '1:1: target is missing; write for example target: { version: 1.31.0 }',
        '1:1: waves is missing; write for example waves: [{ name: canary, namespaces: [bar] }]',
        '1:1: gate is missing; write for example gate: { prometheus: http://prometheus.monitoring:9090 }',
      ],
    },
    {
      of: 'a list instead of a map',
      lines: ['- a'],
      says: [
        '1:1: the config is a list; write a map with the keys mesh, target, strategy, gateways, waves, gate, waivers, ignoreFindings, pace, soak, on',
      ],
    },
    {
      of: 'invalid YAML',
      lines: ['target:', '\tversion: 1.31.0'],
      says: ['2:1: this is not valid YAML: Tabs are not allowed as indentation; indent with spaces'],
    },
    {
      of: 'a backslash in double quotes, usual in PromQL',
      lines: withGate('checks: [{ name: x, query: "up{a=~\\"b\\.c\\"}", max: 1 }]'),
      says: [
        '3:73: this is not valid YAML: Invalid escape sequence \\; write \\\\ for a backslash, or put the text into single quotes',
      ],
    },
    {
      of: 'an alias without an anchor',
      lines: [TARGET, WAVES, GATE, 'soak: *bake'],
      says: ['4:7: *bake stands for nothing; write &bake before the value that is meant'],
    },
    {
      of: 'aliases in aliases, which could expand without end',
      lines: [TARGET, WAVES, GATE, 'a: &a [x]', 'b: &b [*a, *a]', 'gateways: *b'],
      says: ['6:11: *b holds further aliases; write the values out'],
    },
    {
      of: 'two documents',
      lines: [TARGET, WAVES, GATE, '---', 'a: b'],
      says: [
        '4:1: this is not valid YAML: Source contains multiple documents; keep one document, without a second "---"',
      ],
    },
    {
      of: 'a key that is written twice, together with another mistake',
      lines: [TARGET, WAVES, GATE, 'soak: 1m', 'soak: 1'],
      says: [
        '5:1: key "soak" is written twice; keep one of the two',
        '5:7: soak 1 has no unit; write a unit, for example "1s" or "1m"',
      ],
    },
    {
      of: 'an unknown key that is close to a known one',
      lines: withGate('bakes: 5m'),
      says: ['3:36: gate has no key "bakes"; did you mean "bake"?'],
    },
    {
      of: 'a waiver with an invalid workload, reason and day',
      lines: [TARGET, WAVES, GATE, 'waivers:', '  - { workload: baz/db, reason: "", until: 2026-02-30 }'],
      says: [
        '5:17: waivers[0].workload "baz/db" is not KIND NAMESPACE/NAME; write for example workload: StatefulSet baz/db',
        '5:33: waivers[0].reason "" is empty; write for example reason: replaced by hand on Sunday',
        '5:44: waivers[0].until "2026-02-30" is not a day of the calendar; write for example until: 2026-12-31',
      ],
    },
    {
      of: 'a workload that is waived twice',
      lines: [
        TARGET,
        WAVES,
        GATE,
        'waivers:',
        '  - { workload: StatefulSet baz/db, reason: by hand, until: 2026-12-01 }',
        '  - { workload: StatefulSet baz/db, reason: by hand, until: 2026-12-02 }',
      ],
      says: ['6:17: "StatefulSet baz/db" is already waived by waivers[0]; keep one of the two'],
    },
    {
      of: 'an unknown key that is not close to a known one',
      lines: withWaves('{ name: canary, namespaces: [bar], slice: 3 }'),
      says: ['4:40: waves[0] has no key "slice"; write one of name, namespaces, selector, except, atOnce'],
    },
    {
      of: 'an unknown key in an object that may also be text',
      lines: withPrometheus('token: x'),
      says: [
        '3:38: gate.prometheus has no key "token"; write one of url, bearerTokenFile, bearerTokenEnv, basicAuth, sigv4, headers, caFile, certFile, keyFile, insecureSkipVerify, timeout, match',
      ],
    },
    {
      of: 'a missing key',
      lines: ['target: { revision: next }', WAVES, GATE],
      says: ['1:1: target.version is missing; write for example version: 1.31.0'],
    },
    {
      of: 'an empty key that is not required',
      lines: [TARGET, WAVES, GATE, 'pace:'],
      says: [
        '4:1: pace is empty; write a map with the keys workloadsAtOnce, rolloutTimeout, patience, roomTimeout, externalTimeout, or remove the key',
      ],
    },
    {
      of: 'a version that YAML reads as a number',
      lines: ['target: { version: 1.31 }', WAVES, GATE],
      says: ['1:20: target.version 1.31 is a number; write for example version: 1.31.0'],
    },
    {
      of: 'a namespace that YAML reads as a number',
      lines: withWaves('{ name: canary, namespaces: [123] }'),
      says: ['4:34: waves[0].namespaces[0] 123 is a number, not text; write "123" in quotes'],
    },
    {
      of: 'a version with a v',
      lines: ['target: { version: v1.31.0 }', WAVES, GATE],
      says: ['1:20: target.version "v1.31.0" is not a full Istio version; write for example version: 1.31.0'],
    },
    {
      of: 'a revision with dots',
      lines: withTarget('revision: 1.31.0'),
      says: [
        '1:38: target.revision "1.31.0" is not a valid revision: only lower-case letters, digits and "-" inside; write for example revision: 1-31-0',
      ],
    },
    {
      of: 'a revision that is too long for the Service of istiod',
      lines: withTarget(`revision: ${'a'.repeat(57)}`),
      says: [
        `1:38: target.revision "${'a'.repeat(57)}" is longer than the 56 characters that a revision may have; write for example revision: 1-31-0`,
      ],
    },
    {
      of: 'a revision with the name of the tag',
      lines: withTarget('revision: default'),
      says: [
        '1:38: target.revision "default" is the name of the revision tag; remove it, so that the revision is the version with dashes',
      ],
    },
    {
      of: 'a revision that istioctl would take for a number',
      lines: withTarget('revision: "131"'),
      says: ['1:38: target.revision "131" is not text for istioctl; write for example revision: r131'],
    },
    {
      of: 'commands that need a shell, name no revision, or make values of the target useless',
      lines: [
        'mesh: { installer: { command: { install: "a {revision} | b", remove: [a] } } }',
        'target: { version: 1.31.0, set: [a=b] }',
        WAVES,
        GATE,
      ],
      says: [
        '1:42: mesh.installer.command.install contains "|", and no shell reads it; put the commands into a script, and name the script here',
        '1:70: mesh.installer.command.remove does not say which revision it is for; put {revision} where your command takes the name of the revision',
        '2:33: target.set has no effect, because mesh.installer.command installs the new istiod; remove it, and let your command give these settings',
      ],
    },
    {
      of: 'a setting that a user may not change',
      lines: withTarget('set: [profile=demo]'),
      says: ['1:34: target.set may not set profile; remove it: only istiod is installed, with the profile minimal'],
    },
    {
      of: 'a duration without a unit',
      lines: withGate('bake: 10'),
      says: ['3:42: gate.bake 10 has no unit; write a unit, for example "10s" or "10m"'],
    },
    {
      of: 'a duration with a fraction',
      lines: withGate('bake: 1.5h'),
      says: ['3:42: gate.bake "1.5h" is not a duration; write "1h30m"'],
    },
    {
      of: 'a duration in words',
      lines: withGate('bake: 15 minutes'),
      says: ['3:42: gate.bake "15 minutes" is not a duration; write "15m"'],
    },
    {
      of: 'a soak of zero',
      lines: [TARGET, WAVES, GATE, 'soak: 0s'],
      says: ['4:7: soak "0s" must be longer than zero; write for example "1m"'],
    },
    {
      of: 'a bake that is longer than its maximum',
      lines: withGate('bake: 10m, maxBake: 5m'),
      says: ['3:56: gate.maxBake "5m" is shorter than the bake of 10m; write at least maxBake: 10m'],
    },
    {
      of: 'a bake that is shorter than two intervals',
      lines: withGate('interval: 1m, settle: 10s, bake: 90s'),
      says: ['3:69: gate.bake 1m30s is shorter than two intervals of 1m; write at least bake: 2m'],
    },
    {
      of: 'a bake that ends before its first sample has settled',
      lines: withGate('bake: 30s'),
      says: [
        '3:42: gate.bake 30s ends before its first sample has settled (gate.settle is 30s); write a longer bake or a shorter settle',
      ],
    },
    {
      of: 'a mode of the gate that does not exist',
      lines: withGate('mode: dry-run'),
      says: ['3:42: gate.mode "dry-run" must be one of enforce, observe; write enforce or observe'],
    },
    {
      of: 'a share of 1, which may mean 1%',
      lines: withGate('errorRatio: 1'),
      says: [
        '3:48: gate.errorRatio 1 as a plain number is a share, so that 1 is everything; write for example errorRatio: 1%',
      ],
    },
    {
      of: 'a share of namespaces as a fraction',
      lines: withWaves('{ name: canary, namespaces: [bar], atOnce: 0.25 }'),
      says: ['4:48: waves[0].atOnce 0.25 is a number; write for example atOnce: 25%'],
    },
    {
      of: 'a minimum of zero requests',
      lines: withGate('minRequests: 0'),
      says: ['3:49: gate.minRequests 0 is below 1; write for example minRequests: 300'],
    },
    {
      of: 'two waves with the same name',
      lines: withWaves('{ name: canary, namespaces: [a] }', '{ name: canary, namespaces: [b] }'),
      says: ['5:13: waves[1].name "canary" is already the name of waves[0]; write another name'],
    },
    {
      of: 'a wave named like the number of a stage',
      lines: withWaves('{ name: "7", namespaces: [a] }'),
      says: ['4:13: waves[0].name "7" looks like the number of a stage; write for example name: wave-7'],
    },
    {
      of: 'a wave named like a stage',
      lines: withWaves('{ name: move-tag, namespaces: [a] }'),
      says: ['4:13: waves[0].name "move-tag" is reserved; write for example name: move-tag-wave'],
    },
    {
      of: 'a wave named like a group of the wave "*"',
      lines: withWaves('{ name: rest-2, namespaces: [a] }', '{ name: rest, namespaces: "*" }'),
      says: [
        '4:13: waves[0].name "rest-2" may become the name of a group of wave "rest"; write another name, for example without the number',
      ],
    },
    {
      of: 'the pattern "*" in a wave that is not the last',
      lines: withWaves('{ name: a, namespaces: "*" }', '{ name: b, namespaces: [b] }'),
      says: ['4:28: waves[0].namespaces "*" leaves nothing to the waves after it; write "*" once, in the last wave'],
    },
    {
      of: 'the pattern "*" in two waves',
      lines: withWaves('{ name: a, namespaces: "*" }', '{ name: b, namespaces: "*" }'),
      says: ['4:28: waves[0].namespaces "*" is not the only one; write "*" once, in the last wave'],
    },
    {
      of: 'the pattern "*" among others',
      lines: withWaves('{ name: a, namespaces: [b, "*"] }'),
      says: ['4:32: waves[0].namespaces has "*" among other patterns; write namespaces: "*"'],
    },
    {
      of: 'a namespace in two waves',
      lines: withWaves('{ name: a, namespaces: [x] }', '{ name: b, namespaces: [y, x] }'),
      says: ['5:32: namespace "x" is already in waves[0]; keep it in one wave'],
    },
    {
      of: 'a gateway without its namespace',
      lines: [TARGET, WAVES, GATE, 'gateways: [ingress]'],
      says: [
        '4:12: gateways[0] "ingress" is not a pair NAMESPACE/NAME; write for example - istio-ingress/istio-ingressgateway',
      ],
    },
    {
      of: 'an unknown value of on.failure',
      lines: [TARGET, WAVES, GATE, 'on: { failure: roll-back }'],
      says: ['4:16: on.failure "roll-back" must be one of rollback, hold; write rollback'],
    },
    {
      of: 'a URL with another scheme',
      lines: [TARGET, WAVES, 'gate: { prometheus: p:9090 }'],
      says: [
        '3:21: gate.prometheus "p:9090" is not a URL with http, https or kubernetes; write for example http://prometheus.monitoring:9090',
      ],
    },
    {
      of: 'a Service without a port',
      lines: [TARGET, WAVES, 'gate: { prometheus: kubernetes://monitoring/prometheus }'],
      says: [
        '3:21: gate.prometheus "kubernetes://monitoring/prometheus" is not a Service with a port; write kubernetes://NAMESPACE/SERVICE:PORT, for example kubernetes://monitoring/prometheus:9090',
      ],
    },
    {
      of: 'a password in the URL, which it does not repeat',
      lines: [TARGET, WAVES, 'gate: { prometheus: "http://user:secret@p" }'],
      says: ['3:21: gate.prometheus holds a user or password; write basicAuth with passwordEnv or passwordFile'],
    },
    {
      of: 'two kinds of authentication',
      lines: withPrometheus('bearerTokenEnv: T, basicAuth: { username: u, passwordEnv: P }'),
      says: ['3:57: gate.prometheus has both basicAuth and bearerTokenEnv; keep one of the two'],
    },
    {
      of: 'a signature beside a token',
      lines: withPrometheus('bearerTokenEnv: T, sigv4: { region: eu-central-1 }'),
      says: ['3:57: gate.prometheus has both sigv4 and bearerTokenEnv; keep one of the two'],
    },
    {
      of: 'a signature for the proxy of the API server',
      lines: [TARGET, WAVES, 'gate: { prometheus: { url: "kubernetes://a/b:9", sigv4: { region: eu-central-1 } } }'],
      says: ["3:50: gate.prometheus.sigv4 cannot be combined with the API server's proxy; write an https URL"],
    },
    {
      of: 'a region that AWS does not have',
      lines: withPrometheus('sigv4: { region: Frankfurt }'),
      says: [
        '3:55: gate.prometheus.sigv4.region "Frankfurt" is not a region of AWS; write for example region: eu-central-1',
      ],
    },
    {
      of: 'a password without a source',
      lines: withPrometheus('basicAuth: { username: u }'),
      says: ['3:38: gate.prometheus.basicAuth has no password; write one of passwordEnv and passwordFile'],
    },
    {
      of: 'a certificate without its key',
      lines: withPrometheus('certFile: c.pem'),
      says: ['3:38: gate.prometheus.certFile stands without keyFile; write keyFile too'],
    },
    {
      of: 'a name that no label of a series has',
      lines: withPrometheus('match: { my-cluster: a }'),
      says: ['3:47: "my-cluster" is not the name of a Prometheus label; write for example match: { cluster: prod-1 }'],
    },
    {
      of: 'the name of metrics as a matcher of all',
      lines: withPrometheus('match: { __name__: up }'),
      says: [
        '3:47: series have no label "__name__" when they are queried; write for example match: { cluster: prod-1 }',
      ],
    },
    {
      of: 'a value of a matcher that no query can hold',
      lines: withPrometheus('match: { cluster: "\\ud800" }'),
      says: ['3:56: the value of label cluster is not valid Unicode; write for example match: { cluster: prod-1 }'],
    },
    {
      of: 'a check without a limit',
      lines: withGate('checks: [{ name: x, query: up }]'),
      says: ['3:45: gate.checks[0] has no limit; write max, min or both, for example max: 0.5%'],
    },
    {
      of: 'a minimum above the maximum',
      lines: withGate('checks: [{ name: x, query: up, min: 50%, max: 0.1 }]'),
      says: ['3:72: gate.checks[0].min 50% is above its max 0.1; exchange the two'],
    },
    {
      of: 'a query with an unknown variable',
      lines: withGate(`checks: [{ name: x, query: 'up{a="\${nope}"}', max: 1 }]`),
      says: [
        `3:70: gate.checks[0].query uses the unknown variable \${nope}; write one of \${namespaces}, \${wave}, \${revision}, \${from}, \${window}, \${match}`,
      ],
    },
    {
      of: 'a query that does not parse, at the place inside its quotes',
      lines: withGate('checks: [{ name: x, query: "sum(\\"a\\" ((", max: 1 }]'),
      says: [
        '3:74: gate.checks[0].query is not valid PromQL at its line 1, column 9: unexpected "("; write a query that Prometheus can parse',
      ],
    },
    {
      of: 'a query that does not parse, at the place inside its block',
      lines: [
        TARGET,
        WAVES,
        'gate:',
        '  prometheus: http://p',
        '  checks:',
        '    - name: x',
        '      max: 1',
        '      query: |',
        '        sum(',
        '        a ((',
      ],
      says: [
        '10:11: gate.checks[0].query is not valid PromQL at its line 2, column 3: unexpected "("; write a query that Prometheus can parse',
      ],
    },
  ])('says where the mistake is and what to write: $of', ({ lines, says }) => {
    expect(complaints(...lines)).toEqual(says);
  });

  it('is reported together with all others, in the order of the file', () => {
    const found = complaints(
      'mesh: { tga: x }',
      'target: { version: latest }',
      'waves:',
      '  - { name: a, namespaces: [x], atOnce: no }',
      '  - { name: a, namespaces: [x] }',
      'gate: { prometheus: http://p, bake: 3, maxBake: 1s, checks: [{ name: x, query: "((", max: 1 }] }',
    );
    expect(found.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      '1:9',
      '2:20',
      '4:41',
      '5:13',
      '5:29',
      '6:37',
      '6:81',
    ]);
  });

  it('is also available as data, for annotations', () => {
    expect.assertions(2);
    try {
      load(TARGET, WAVES, GATE, 'soak: 5');
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', actor: 'workflow author' });
      expect((thrown as ConfigError).complaints).toEqual([
        {
          file: 'istio-upgrade.yaml',
          line: 4,
          column: 7,
          path: 'soak',
          message: 'soak 5 has no unit',
          instead: 'write a unit, for example "5s" or "5m"',
        },
      ]);
    }
  });
});
