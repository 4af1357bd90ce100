import { accessRules } from './access-rules.ts';
import type { ConfigFinding } from './complaint.ts';
import type { Draft } from './draft.ts';
import { everyQueryParses, gateRules, type PromqlLint } from './gate-rules.ts';
import { commandsCanBeStarted } from './installer-rules.ts';
import { RESERVED_SETTINGS } from './reserved-names.ts';
import { repeated, waveRules } from './wave-rules.ts';

const targetRules = [
  revisionIsNotTheTag,
  revisionIsReadAsText,
  noGatewayTwice,
  noReservedSettings,
  noWorkloadWaivedTwice,
  commandsCanBeStarted,
];

/** What the schema cannot say: everything between fields. A rule sees only values of the right type. */
export function semanticFindings(draft: Draft, promql: PromqlLint): ConfigFinding[] {
  const rules = [...targetRules, ...waveRules, ...accessRules, ...gateRules];
  return [...rules.flatMap((rule) => rule(draft)), ...everyQueryParses(draft, promql)];
}

/** istioctl with `--overwrite` does not look: two webhooks would answer for one label. */
export function revisionIsNotTheTag({ mesh, target }: Draft): ConfigFinding[] {
  const tag = mesh !== undefined && 'tag' in mesh ? mesh.tag : 'default';
  if (tag === undefined || target?.revision !== tag) return [];
  return [
    {
      path: ['target', 'revision'],
      message: `target.revision "${tag}" is the name of the revision tag`,
      instead: 'remove it, so that the revision is the version with dashes',
    },
  ];
}

/** istioctl puts it into YAML without quotes, and then refuses a number or `true`. */
export function revisionIsReadAsText({ target }: Draft): ConfigFinding[] {
  const revision = target?.revision;
  if (revision === undefined || !/^(?:\d+(?:e\d+)?|true|false|null)$/.test(revision)) return [];
  return [
    {
      path: ['target', 'revision'],
      message: `target.revision "${revision}" is not text for istioctl`,
      instead: `write for example revision: r${revision}`,
    },
  ];
}

export function noGatewayTwice({ gateways = [] }: Draft): ConfigFinding[] {
  return repeated(gateways).map(({ index, value }) => ({
    path: ['gateways', index],
    message: `gateway "${value}" is named twice`,
    instead: 'keep one of the two',
  }));
}

export function noWorkloadWaivedTwice({ waivers = [] }: Draft): ConfigFinding[] {
  return repeated(waivers.map((waiver) => waiver?.workload)).map(({ index, first, value }) => ({
    path: ['waivers', index, 'workload'],
    message: `"${value}" is already waived by waivers[${first}]`,
    instead: 'keep one of the two',
  }));
}

export function noReservedSettings({ target }: Draft): ConfigFinding[] {
  return (target?.set ?? []).flatMap((pair, index) => {
    const name = pair?.split('=', 1)[0] ?? '';
    const instead = RESERVED_SETTINGS[name];
    return instead === undefined
      ? []
      : { path: ['target', 'set', index], message: `target.set may not set ${name}`, instead };
  });
}
