import { defineError } from '../model/upgrade-error.ts';

const asItWas = 'Nothing was changed by asking. The mesh is as the last recorded step left it.';
const shorten = (query: string) => (query.length > 300 ? `${query.slice(0, 300)}...` : query);

export const PrometheusAccessInvalid = defineError({
  code: 'PROMETHEUS_ACCESS_INVALID',
  title: 'The way to Prometheus is not written correctly.',
  cause: 'gate.prometheus in the config is not an address of one of the two forms.',
  message: (url: string, problem: string) => `Prometheus at "${url}": ${problem}.`,
  hint: 'Write https://host/prefix, or kubernetes://NAMESPACE/SERVICE:PORT to go through the API server.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'usage',
  blames: 'person',
  isAboutGate: true,
});

export const PrometheusUnreachable = defineError({
  code: 'PROMETHEUS_UNREACHABLE',
  title: 'Prometheus cannot be reached.',
  cause: 'Prometheus is down, its address is wrong, or the network does not let this machine reach it.',
  message: (url: string, problem: string) => `${url} cannot be reached: ${problem}.`,
  hint: 'Check the URL, the network between this machine and Prometheus, and for https its certificate (prometheus ca, insecureSkipVerify).',
  actor: 'platform',
  state: asItWas,
  exit: 'unreachable',
  blames: 'surroundings',
  isAboutGate: true,
});

export const PrometheusUnauthorized = defineError({
  code: 'PROMETHEUS_UNAUTHORIZED',
  title: 'Prometheus does not accept the credentials.',
  cause: 'The token, password or tenant header is missing, wrong or expired.',
  message: (url: string, status: number, words: string) => `${url} answered ${status}: ${words || 'no reason given'}.`,
  hint: 'Check the token, user or tenant header. Through the API server the right needed is `get` on `services/proxy`.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'unreachable',
  blames: 'person',
  isAboutGate: true,
});

export const PrometheusBadQuery = defineError({
  code: 'PROMETHEUS_BAD_QUERY',
  title: 'Prometheus cannot read a query.',
  cause: 'A query in gate.checks is not valid PromQL for this server.',
  message: (query: string, words: string) => `Prometheus refuses the query ${shorten(query)}: ${words}.`,
  hint: 'Correct the query in the configuration; `check` asks every query once before anything is touched.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'usage',
  blames: 'person',
  isAboutGate: true,
});

export const PrometheusExecution = defineError({
  code: 'PROMETHEUS_EXECUTION',
  title: 'Prometheus cannot evaluate a query.',
  cause: 'The query is valid, but matches many series with many, or selects more samples than the server allows.',
  message: (query: string, words: string) => `Prometheus cannot evaluate the query ${shorten(query)}: ${words}.`,
  hint: 'Most often a match of many series with many, or too many samples. Aggregate both sides, select less, or raise the limit of the store.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'usage',
  blames: 'person',
  isAboutGate: true,
});

export const PrometheusUnavailable = defineError({
  code: 'PROMETHEUS_UNAVAILABLE',
  title: 'Prometheus cannot answer at the moment.',
  cause: 'Prometheus is starting, out of memory, or overloaded.',
  message: (url: string, words: string) => `${url} cannot answer at the moment: ${words}.`,
  hint: 'Look at Prometheus itself: restarting, out of memory, or overloaded by queries.',
  actor: 'platform',
  state: asItWas,
  exit: 'unreachable',
  blames: 'surroundings',
  isAboutGate: true,
});

export const PrometheusNotPrometheus = defineError({
  code: 'PROMETHEUS_NOT_PROMETHEUS',
  title: 'The answer is not one of the Prometheus API.',
  cause: 'The URL lacks a path prefix, or leads to a login page or another service.',
  message: (url: string, status: number, words: string) =>
    `${url} answered ${status}, and not as Prometheus does: ${words || 'nothing'}.`,
  hint: 'Check the URL and its path prefix (Mimir: /prometheus; VictoriaMetrics as a cluster: /select/0/prometheus), and that no login page stands in front.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'usage',
  blames: 'person',
  isAboutGate: true,
});

export const PrometheusWrongResult = defineError({
  code: 'PROMETHEUS_WRONG_RESULT',
  title: 'A query does not result in numbers.',
  cause: 'The query results in a range, a string or native histograms instead of numbers for each series.',
  message: (query: string, what: string, wanted = 'an instant vector or a scalar') =>
    `The query ${shorten(query)} results in ${what}, not in ${wanted}.`,
  hint: 'Take range selectors into a function such as rate(), and native histograms into histogram_quantile() or histogram_count().',
  actor: 'workflow author',
  state: asItWas,
  exit: 'usage',
  blames: 'person',
  isAboutGate: true,
});
