import { isValues, merged, settingsOf, type Values } from '../model/values.ts';
import type { Install } from '../ports/installer.ts';
import { pathOfPair, readFileOfValues, without } from './chart-values.ts';

/**
 * One IstioOperator of everything that an install is given, for stdin: what is carried over, then the files in their order.
 * Values of charts go to `unvalidatedValues`, which take every value of the charts, and win against `values` and `--set` (measured
 * with istioctl 1.31.0): what these give later is left out there.
 * @returns `undefined` when there is nothing to give
 * @throws VALUES_UNREADABLE
 */
export async function operatorFile({
  valuesFiles = [],
  set,
  carried = {},
  leavesDefaultTag,
}: Install): Promise<string | undefined> {
  let spec: Values = {};
  let values = carried;
  for (const file of valuesFiles) {
    const content = await readFileOfValues(file);
    if ('values' in content) values = merged(values, content.values);
    else {
      values = without(values, pathsOf(content.spec));
      spec = merged(spec, content.spec);
    }
  }
  values = merged(without(values, set.map(pathOfPair)), valuesIn(spec, 'unvalidatedValues'));
  if (leavesDefaultTag === true) values = merged(values, withoutDefaultTag);
  const whole = settingsOf(values).size === 0 ? spec : { ...spec, unvalidatedValues: values };
  if (Object.keys(whole).length === 0) return undefined;
  return JSON.stringify({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec: whole });
}

/**
 * `install` makes the tag `default` where there is none, unless `spec.values.global.operatorManageWebhooks` is true after all values are
 * merged (detectIfTagWebhookIsNeeded in operator/pkg/webhook/webhook.go, 1.30 and 1.31). The chart would then leave out the injector
 * too; it takes the values of `pilot` at its root, so that it still sees false (measured with `manifest generate` of 1.30.4 and 1.31.0).
 */
const withoutDefaultTag: Values = {
  global: { operatorManageWebhooks: true },
  pilot: { global: { operatorManageWebhooks: false } },
};

/** The values of charts that an IstioOperator gives, by path. */
const pathsOf = (spec: Values): readonly string[] => [
  ...['values', 'unvalidatedValues'].flatMap((key) => [...settingsOf(valuesIn(spec, key)).keys()]),
  ...[...settingsOf(valuesIn(spec, 'meshConfig')).keys()].map((path) => `meshConfig.${path}`),
];

const valuesIn = (spec: Values, key: string): Values => {
  const values = spec[key];
  return isValues(values) ? values : {};
};
