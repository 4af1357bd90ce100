import { matchesLabels, splitTerms } from '../model/matches-labels.ts';
import type { ConfigFinding } from './complaint.ts';
import type { Draft } from './draft.ts';
import { RESERVED_WAVE_NAMES } from './reserved-names.ts';

/** What must hold between waves. Each rule takes the draft and gives its findings. */
export const waveRules = [
  everyWaveChooses,
  everySelectorIsRead,
  noSelectorByLabelsThatChange,
  noDuplicateWaveNames,
  noNumbersAsWaveNames,
  noReservedWaveNames,
  noNamesOfGroups,
  noStarAmongPatterns,
  onlyTheLastWaveTakesTheRest,
  noNamespaceInTwoWaves,
];

/** By names, or by labels. A refused value is under its key. */
export function everyWaveChooses({ waves = [] }: Draft): ConfigFinding[] {
  return waves.flatMap((wave, index) => {
    if (wave === undefined) return [];
    const [byName, byLabel] = ['namespaces' in wave, 'selector' in wave];
    if (byName !== byLabel) return [];
    return {
      path: ['waves', index],
      ...(byName
        ? { message: `waves[${index}] has both namespaces and selector`, instead: 'write one of the two' }
        : {
            message: `waves[${index}].namespaces is missing`,
            instead: 'write for example namespaces: [bar, "team-*"], or selector: tier=test',
          }),
    };
  });
}

export function everySelectorIsRead({ waves = [] }: Draft): ConfigFinding[] {
  return waves.flatMap((wave, index) =>
    wave?.selector === undefined || isSelector(wave.selector)
      ? []
      : {
          path: ['waves', index, 'selector'],
          message: `waves[${index}].selector "${wave.selector}" is not a label selector`,
          instead: 'write for example selector: tier in (dev, test)',
        },
  );
}

/** With canary-first the canary's namespaces have other labels of injection for a while: a resumed run would choose others. */
export function noSelectorByLabelsThatChange({ strategy, waves = [] }: Draft): ConfigFinding[] {
  if (strategy !== 'canary-first') return [];
  return waves.flatMap((wave, index) => {
    const key = /(?:^|[,!\s])(istio\.io\/rev|istio-injection)(?=$|[,!=\s])/.exec(wave?.selector ?? '')?.[1];
    if (key === undefined) return [];
    return {
      path: ['waves', index, 'selector'],
      message: `waves[${index}].selector chooses by ${key}, which strategy canary-first changes`,
      instead: 'choose by another label, or by names',
    };
  });
}

function isSelector(text: string): boolean {
  try {
    matchesLabels(text, {});
    return splitTerms(text).length > 0;
  } catch (failure) {
    if (failure instanceof SyntaxError) return false;
    throw failure;
  }
}

export function noDuplicateWaveNames({ waves = [] }: Draft): ConfigFinding[] {
  return repeated(waves.map((wave) => wave?.name)).map(({ index, first, value }) => ({
    path: ['waves', index, 'name'],
    message: `waves[${index}].name "${value}" is already the name of waves[${first}]`,
    instead: 'write another name',
  }));
}

export function noNumbersAsWaveNames({ waves = [] }: Draft): ConfigFinding[] {
  return waves.flatMap((wave, index) =>
    wave?.name !== undefined && /^\d+$/.test(wave.name)
      ? {
          path: ['waves', index, 'name'],
          message: `waves[${index}].name "${wave.name}" looks like the number of a stage`,
          instead: `write for example name: wave-${wave.name}`,
        }
      : [],
  );
}

export function noReservedWaveNames({ waves = [] }: Draft): ConfigFinding[] {
  return waves.flatMap((wave, index) =>
    wave?.name !== undefined && RESERVED_WAVE_NAMES.includes(wave.name)
      ? {
          path: ['waves', index, 'name'],
          message: `waves[${index}].name "${wave.name}" is reserved`,
          instead: `write for example name: ${wave.name}-wave`,
        }
      : [],
  );
}

/** A wave that goes in groups gives them names such as `rest-1`, which must not be the name of another wave. */
export function noNamesOfGroups({ waves = [] }: Draft): ConfigFinding[] {
  const grouped = waves.filter((wave) => wave?.namespaces === '*' || (wave?.atOnce ?? '100%') !== '100%');
  return waves.flatMap((wave, index) => {
    const value = wave?.name ?? '';
    const group = grouped.find(
      (other) =>
        other?.name !== undefined &&
        value.startsWith(`${other.name}-`) &&
        /^\d+$/.test(value.slice(other.name.length + 1)),
    );
    return group === undefined
      ? []
      : {
          path: ['waves', index, 'name'],
          message: `waves[${index}].name "${value}" may become the name of a group of wave "${group.name}"`,
          instead: 'write another name, for example without the number',
        };
  });
}

export function noStarAmongPatterns({ waves = [] }: Draft): ConfigFinding[] {
  return patternsOf(waves).flatMap(({ wave, index, pattern }) =>
    /^\*+$/.test(pattern)
      ? {
          path: ['waves', wave, 'namespaces', index],
          message: `waves[${wave}].namespaces has "${pattern}" among other patterns`,
          instead: 'write namespaces: "*"',
        }
      : [],
  );
}

export function onlyTheLastWaveTakesTheRest({ waves = [] }: Draft): ConfigFinding[] {
  const takers = waves.flatMap((wave, index) => (wave?.namespaces === '*' ? [index] : []));
  return takers
    .filter((index) => index !== waves.length - 1)
    .map((index) => ({
      path: ['waves', index, 'namespaces'],
      message:
        takers.length > 1
          ? `waves[${index}].namespaces "*" is not the only one`
          : `waves[${index}].namespaces "*" leaves nothing to the waves after it`,
      instead: 'write "*" once, in the last wave',
    }));
}

/** The same name or pattern twice. A name beside a pattern that covers it is no mistake: the name is more exact and wins. */
export function noNamespaceInTwoWaves({ waves = [] }: Draft): ConfigFinding[] {
  const all = patternsOf(waves).filter(({ pattern }) => !/^\*+$/.test(pattern));
  return repeated(all.map(({ pattern }) => pattern)).flatMap(({ index, first, value }) => {
    const [here, before] = [all[index], all[first]];
    if (here === undefined || before === undefined) return [];
    return {
      path: ['waves', here.wave, 'namespaces', here.index],
      message: `namespace "${value}" is already in waves[${before.wave}]`,
      instead: 'keep it in one wave',
    };
  });
}

function patternsOf(waves: NonNullable<Draft['waves']>) {
  return waves.flatMap((wave, index) =>
    Array.isArray(wave?.namespaces)
      ? wave.namespaces.flatMap((pattern, place) =>
          pattern === undefined ? [] : { wave: index, index: place, pattern },
        )
      : [],
  );
}

/** Every value that stood before, with the index of its first appearance. */
export function repeated(values: readonly (string | undefined)[]): { index: number; first: number; value: string }[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    return value === undefined || first === index ? [] : { index, first, value };
  });
}
