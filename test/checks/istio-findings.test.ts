import { describe, expect, it } from 'vitest';
import { checkIstioFindings } from '../../src/checks/istio-findings.ts';
import { said } from './findings-said.ts';

describe('findings of istioctl', () => {
  it('become errors, warnings and notes by level, except those that are wrong in a mesh with tags', () => {
    const finding = (code: string, level: 'Error' | 'Warning' | 'Info') => ({
      code,
      level,
      message: code,
      origin: 'Pod x',
    });
    const istioFindings = [
      finding('IST0101', 'Error'),
      finding('IST0172', 'Warning'),
      finding('IST0118', 'Info'),
      finding('IST0146', 'Error'),
      finding('IST0123', 'Warning'),
    ];
    expect(said(checkIstioFindings({ istioFindings }))).toEqual(['blocks IST0101', 'warns IST0172', 'notes IST0118']);
  });
});
