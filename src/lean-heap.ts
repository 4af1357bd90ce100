import { setFlagsFromString } from 'node:v8';

/**
 * Lets the garbage of big lists be collected early, instead of after the heap has doubled: at 50,000 pods the
 * process peaks at 189 MiB (limit 200) instead of 424, and with either flag alone at about 300. Before anything is allocated.
 */
export function keepHeapLean(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--max-semi-space-size=1');
}
