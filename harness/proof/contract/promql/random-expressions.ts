import { Random } from '../../../rehearsal/sim/random.ts';

/** A stream of expressions over the samples made by hand, most of them valid; the same seed gives the same ones. */
export function randomExpressions(seed: number, count: number): string[] {
  const writer = new Writer(seed);
  return Array.from({ length: count }, () => writer.vector(writer.depth()));
}

const Selectors = [
  'm_requests_total',
  'm_requests_total{pod="a"}',
  'm_requests_total{code=~"5.."}',
  'm_errors_total',
  'm_gauge',
  'm_info',
  'm_zone',
  'm_sparse_total',
  'm_single_total',
  '{__name__=~"m_(errors|info|twin_one_total)"}',
  'nothing_at_all',
];
const Modifiers = [' offset 1m', ' offset -30s', ' @ 1736942700', ' @ end()', ' @ start() offset 2m'];
const Numbers = ['1', '2.5', '-1', '0', 'NaN', 'Inf', '0.5', 'time()', 'scalar(m_zone{zone="x"})'];
const Durations = ['15s', '30s', '47s', '1m', '3m', '5m', '10m'];
const LabelLists = ['', 'pod', 'pod, code', 'job', 'pod, version', 'zone'];
const RangeCalls =
  'rate increase irate delta idelta resets changes deriv absent_over_time sum_over_time avg_over_time min_over_time max_over_time count_over_time last_over_time present_over_time stddev_over_time';
const Calls = 'abs ceil floor round sgn sqrt timestamp absent - +';
const Arithmetic = '+ - * / % > < >= <= == !=';

class Writer {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  depth(): number {
    return 1 + Math.floor(this.#random.next() * 3);
  }

  vector(depth: number): string {
    if (depth <= 0) return this.#pick(Selectors) + this.#modifier();
    const inner = () => this.vector(depth - 1);
    const forms = [
      () => `${this.#word(RangeCalls)}(${this.#matrix(depth - 1)})`,
      () => `${this.#word('sum avg min max count group stddev stdvar')}${this.#grouping()}(${inner()})`,
      () => `quantile(${this.#pick(['0.5', '0.9', '1'])}, ${inner()})`,
      () => `${this.#word(Calls)}(${inner()})`,
      () => `(${inner()} ${this.#word(Arithmetic)} ${this.#pick(Numbers)})`,
      () => `${this.#pick(Numbers)} ${this.#pick(['+', '-', '*', '/', '>', '<', '>= bool'])} ${inner()}`,
      () => `${inner()} ${this.#pick(['+', '-', '*', '/', '>', '==', '!= bool'])}${this.#matching()}${inner()}`,
      () => `${inner()} ${this.#word('and or unless')} ${this.#pick(['', this.#on()])}${inner()}`,
      () => `label_replace(${inner()}, "kind", "$1", "pod", "${this.#pick(['(.*)', 'a|b', '(.)(.*)', ''])}")`,
      () => `clamp_${this.#word('min max')}(${inner()}, ${this.#pick(Numbers)})`,
    ];
    return this.#pick(forms)();
  }

  #matrix(depth: number): string {
    const duration = this.#pick(Durations);
    if (this.#random.next() < 0.6) return `${this.#pick(Selectors)}[${duration}]${this.#modifier()}`;
    return `(${this.vector(depth)})[${duration}:${this.#pick(['', '15s', '40s', '1m'])}]${this.#modifier()}`;
  }

  #modifier = () => (this.#random.next() < 0.25 ? this.#pick(Modifiers) : '');
  #grouping = () => (this.#random.next() < 0.6 ? ` ${this.#word('by without')} (${this.#pick(LabelLists)}) ` : '');
  #on = () => `${this.#word('on ignoring')} (${this.#pick(LabelLists)}) `;
  #matching = () =>
    this.#pick([
      ' ',
      ` ${this.#on()}`,
      ' on (pod) group_left (version) ',
      ' on (pod) group_right () ',
      ' ignoring (code) group_left () ',
    ]);
  #word = (words: string) => this.#pick(words.split(' '));

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random.next() * choices.length)];
    if (choice === undefined) throw new RangeError('nothing to choose from');
    return choice;
  }
}
