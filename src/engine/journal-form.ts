import { brotliCompressSync, constants } from 'node:zlib';
import { compressedKey, plainKey } from '../mesh/journal-text.ts';
import type { JudgedEvidence } from '../model/evidence.ts';
import type { Journal } from '../model/journal.ts';
import type { WaveMarks } from '../model/marks.ts';
import type { ConfigMap } from '../ports/objects.ts';

/** How a journal lies in its ConfigMap: as JSON that people can read, or compressed when it is long. */
export type StoredJournal = Required<Pick<ConfigMap, 'data'>> | Required<Pick<ConfigMap, 'binaryData'>>;

/** The API server refuses a ConfigMap of more than 1 MiB; the journal of the largest mesh stays well below. */
export const journalMaxBytes = 256 * 1024;
const plainMaxBytes = 96 * 1024;

/**
 * The forms in which a journal can be written, the fullest first; each is smaller than the one before. What they leave out is evidence
 * that nothing decides by any more: the reports of the runs have it.
 */
export function formsOf(journal: Journal): readonly StoredJournal[] {
  const forms: StoredJournal[] = [];
  for (const shrink of shrinks) {
    const form = packed(shrink(journal));
    const before = forms.at(-1);
    if (before === undefined || sizeOf(form) < sizeOf(before)) forms.push(form);
  }
  const fitting = forms.filter((form) => sizeOf(form) <= journalMaxBytes);
  return fitting.length > 0 ? fitting : forms.slice(-1);
}

/** Bytes as the API server counts them: binary data before its base64. */
export function sizeOf(form: Pick<ConfigMap, 'data' | 'binaryData'>): number {
  const plain = form.data?.[plainKey];
  return plain === undefined
    ? Buffer.byteLength(form.binaryData?.[compressedKey] ?? '', 'base64')
    : Buffer.byteLength(plain);
}

const shrinks: readonly ((journal: Journal) => Journal)[] = [
  (journal) => journal,
  (journal) => withVerdicts(journal, ({ verdict }) => verdict.verdict === 'pass'),
  (journal) => withVerdicts(journal, () => true),
];

/** Thins the evidence of some waves. */
function withVerdicts(journal: Journal, thins: (marks: WaveMarks & { verdict: JudgedEvidence }) => boolean): Journal {
  const waves = Object.entries(journal.marks.waves).map(([wave, marks]) => {
    const { verdict } = marks;
    return [
      wave,
      verdict !== undefined && thins({ ...marks, verdict }) ? { ...marks, verdict: thinned(verdict) } : marks,
    ];
  });
  return { ...journal, marks: { ...journal.marks, waves: Object.fromEntries(waves) } };
}

/** The verdict and its numbers; without the pods, namespaces and series behind them. */
function thinned(judged: JudgedEvidence): JudgedEvidence {
  const { gates } = judged.evidence;
  const bare = { worst: [], classes: {} };
  return {
    ...judged,
    reason: judged.reason.slice(0, 200),
    answers: judged.answers.slice(0, 3),
    evidence: {
      ...judged.evidence,
      distrust: [],
      gates: {
        ...gates,
        serverSide: { ...gates.serverSide, ...bare },
        clientSide: { ...gates.clientSide, ...bare },
        outbound: { ...gates.outbound, ...bare },
        slowRequests: [],
        missingTraffic: [],
        checks: [],
      },
    },
  };
}

function packed(journal: Journal): StoredJournal {
  const text = JSON.stringify(journal);
  if (Buffer.byteLength(text) <= plainMaxBytes) return { data: { [plainKey]: text } };
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 5,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  return { binaryData: { [compressedKey]: brotliCompressSync(text, { params }).toString('base64') } };
}
