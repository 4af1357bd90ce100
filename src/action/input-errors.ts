import { defineError } from '../model/upgrade-error.ts';

export const InputsInvalid = defineError({
  code: 'INPUTS_INVALID',
  title: 'The inputs of the Action cannot be used.',
  cause: 'An input of the Action is misspelt or has a value that it cannot have.',
  message: (complaints: readonly { input: string; message: string; instead: string }[]) =>
    complaints.map(({ input, message, instead }) => `input ${input || '(all)'}: ${message}; ${instead}`).join('\n'),
  hint: 'Correct `with:` in the workflow; action.yml describes every input.',
  actor: 'workflow author',
  state: 'Nothing was read from the cluster and nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

export const PrometheusSecretUnused = defineError({
  code: 'PROMETHEUS_SECRET_UNUSED',
  title: 'A secret is given that the config does not ask for.',
  cause: 'A secret is passed to the Action, but the config does not read the variable that it becomes.',
  message: (input: string, variable: string, config: string) =>
    `Input ${input} becomes the variable ${variable}, and ${config} names no such variable.`,
  hint: (input: string, variable: string) =>
    input === 'prometheus-token'
      ? `Write gate.prometheus: { url: ..., bearerTokenEnv: ${variable} } in the config, or leave the input out.`
      : `Write gate.prometheus: { url: ..., basicAuth: { username: ..., passwordEnv: ${variable} } } in the config, or leave the input out.`,
  actor: 'workflow author',
  state: 'Nothing was read from the cluster and nothing was changed.',
  exit: 'usage',
  blames: 'person',
  remedy:
    'Name the variable in gate.prometheus of the config, as bearerTokenEnv or as basicAuth with passwordEnv, or leave the input out.',
});
