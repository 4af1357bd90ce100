/** Flags of istioctl that take a value; all others here are switches. */
const WithValue: ReadonlySet<string> = new Set([
  '--revision',
  '--set',
  '--readiness-timeout',
  '--filename',
  '--output',
  '--as',
  '--log_target',
  '--output-threshold',
  '--kubeconfig',
  '--context',
  '--istioNamespace',
  '--namespace',
  '--verbosity',
  '--meshConfigFile',
  '--injectConfigFile',
  '--valuesFile',
]);
const Long: Readonly<Record<string, string>> = {
  '-r': '--revision',
  '-s': '--set',
  '-f': '--filename',
  '-o': '--output',
  '-c': '--kubeconfig',
  '-i': '--istioNamespace',
  '-n': '--namespace',
  '-A': '--all-namespaces',
  '-y': '--skip-confirmation',
  '-v': '--verbosity',
};

export interface IstioctlArguments {
  words: readonly string[];
  has(flag: string): boolean;
  /** The last value given. */
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
  /** What the process reads. */
  stdin: string;
  env: Readonly<Record<string, string>>;
}

export function parseArguments(
  args: readonly string[],
  stdin = '',
  env: Readonly<Record<string, string>> = {},
): IstioctlArguments {
  const words: string[] = [];
  const flags = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('-')) {
      words.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const short = equals < 0 ? arg : arg.slice(0, equals);
    const flag = Long[short] ?? short;
    const value = equals >= 0 ? arg.slice(equals + 1) : WithValue.has(flag) ? (args[++i] ?? '') : 'true';
    flags.set(flag, [...(flags.get(flag) ?? []), value]);
  }
  return {
    words,
    has: (flag) => flags.get(flag)?.at(-1) === 'true',
    value: (flag) => flags.get(flag)?.at(-1),
    values: (flag) => flags.get(flag) ?? [],
    stdin,
    env,
  };
}
