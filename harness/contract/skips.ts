/** Where the simulator differs from the real thing on purpose, by the title of the case. Everything else that differs is a bug. */
export const Skips: Readonly<Record<string, string>> = {};
