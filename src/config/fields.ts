import * as z from 'zod';
import { DURATION, readDuration } from '../model/duration.ts';
import { PERCENTAGE } from './ratio.ts';

/** The kinds of value that fields of the config have. `examples` feed both the JSON Schema and the corrections in complaints. */

const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** A DNS-1123 label; `longest` is below 63 where Istio puts something in front of it. */
export function dnsLabel(what: string, longest: number, examples: [string, ...string[]]) {
  return z
    .string()
    .regex(DNS_LABEL, `is not a valid ${what}: only lower-case letters, digits and "-" inside`)
    .max(longest, `is longer than the ${longest} characters that a ${what} may have`)
    .meta({ examples });
}

export function duration(example: string) {
  return z
    .string()
    .check((context) => {
      const reading = readDuration(context.value);
      if (reading.ok) return;
      const { message, instead } = reading;
      context.issues.push({ code: 'custom', input: context.value, message, params: { instead } });
    })
    .meta({ pattern: DURATION.source, examples: [example] });
}

/** A day of the calendar, `YYYY-MM-DD`. */
export function day(example: string) {
  return z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a day YYYY-MM-DD')
    .refine((text) => {
      const at = Date.parse(`${text}T00:00:00Z`);
      return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
    }, 'is not a day of the calendar')
    .meta({ examples: [example] });
}

/** A span in which something has to fit: zero would be no time at all. */
export function positiveDuration(example: string) {
  return duration(example).check((context) => {
    const reading = readDuration(context.value);
    if (!reading.ok || reading.ms > 0) return;
    const params = { instead: `write for example "${example}"` };
    context.issues.push({ code: 'custom', input: context.value, message: 'must be longer than zero', params });
  });
}

const percentage = z
  .string()
  .regex(PERCENTAGE, 'is not a percentage')
  .meta({ examples: ['0.5%'] });

/** A share below one. A plain 1 is refused, since it may mean 1% as well as 100%. */
export function ratio(example: string) {
  return z
    .union([
      percentage.refine((text) => !PERCENTAGE.test(text) || Number.parseFloat(text) <= 100, 'is more than 100%'),
      z.number().min(0, 'is below 0').lt(1, 'as a plain number is a share, so that 1 is everything'),
    ])
    .meta({ examples: [example] });
}

/** A limit on the value of a query: any number, or a percentage of one. */
export function limit(example: string) {
  return z.union([percentage, z.number()]).meta({ examples: [example] });
}

export function portion(example: string) {
  return z
    .union([
      percentage.refine((text) => {
        const percent = Number.parseFloat(text);
        return !PERCENTAGE.test(text) || (percent > 0 && percent <= 100);
      }, 'is not between 0% and 100%'),
      z.int('is not a whole number of namespaces').min(1, 'is not a whole number of namespaces from 1'),
    ])
    .meta({ examples: [example] });
}

export function count(least: number, example: number) {
  return z
    .int('is not a whole number')
    .min(least, `is below ${least}`)
    .meta({ examples: [example] });
}

export function text(example: string) {
  return z
    .string()
    .min(1, 'is empty')
    .meta({ examples: [example] });
}
