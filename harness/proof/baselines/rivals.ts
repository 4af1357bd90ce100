import type { Contender } from '../faults/contender.ts';
import { aksStyle } from './aks-style.ts';
import { parallel } from './parallel.ts';
import { serial } from './serial.ts';

/** What people use instead, each as honest as its kind can be. */
export const rivals: readonly Contender[] = [serial, parallel, aksStyle];
