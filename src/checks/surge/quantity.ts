const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const Quantity = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?|[+-]?\d+\.)([a-zA-Z]*)$/;

/** `100m`, `1.5Gi`, `12e3`: as Kubernetes writes amounts, in cores or bytes. `undefined` for any other text. */
export function parseQuantity(text: string): number | undefined {
  const [, digits = '', suffix = ''] = Quantity.exec(text) ?? [];
  const factor = Object.hasOwn(suffixes, suffix) ? suffixes[suffix] : undefined;
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** What a pod requests of its node. */
export interface Amounts {
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

export const resources = ['cpu', 'memory'] as const;

export const none: Amounts = { cpu: 0, memory: 0 };

export const times = (amounts: Amounts, count: number): Amounts => ({
  cpu: amounts.cpu * count,
  memory: amounts.memory * count,
});

export const plus = (one: Amounts, other: Amounts): Amounts => ({
  cpu: one.cpu + other.cpu,
  memory: one.memory + other.memory,
});

/** `1.2` cores, `3.5 GiB`. */
export function describeAmount(resource: keyof Amounts, amount: number): string {
  return resource === 'cpu' ? `${rounded(amount)} CPU` : `${rounded(amount / 2 ** 30)} GiB`;
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);
