import type { Finding } from '../../model/finding.ts';
import type { RunReport } from '../run-report.ts';
import { counted } from './format.ts';
import { html, type Markup } from './html.ts';
import { details, section } from './section.ts';

const objectsMax = 20;
const shownMax = 200;
const words = { blocks: '✘ blocks', warns: '! warns', notes: '· note' } as const;

/** Problems first, each with what to do; notes are folded. */
export function findings({ findings: told, outcome }: RunReport, level: number): Markup | undefined {
  const all = unique([...(outcome?.problems ?? []), ...told]);
  if (all.length === 0) return undefined;
  const grave = [...bySeverity(all, 'blocks'), ...bySeverity(all, 'warns')];
  const notes = bySeverity(all, 'notes');
  return section(level, 'Findings', [
    list(grave),
    notes.length > 0 && details(`${counted(notes.length, 'note')}; no action needed now`, list(notes)),
  ]);
}

const bySeverity = (all: readonly Finding[], wanted: Finding['severity']) =>
  all.filter(({ severity }) => severity === wanted);

function unique(all: readonly Finding[]): readonly Finding[] {
  return [...new Map(all.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}

function list(all: readonly Finding[]): Markup | undefined {
  if (all.length === 0) return undefined;
  const more = all.length - shownMax;
  return html`<ul class="findings">${all.slice(0, shownMax).map(item)}</ul>
${more > 0 && html`<p>And ${more} more.</p>`}`;
}

function item({ code, severity, message, objects, fix, docs }: Finding): Markup {
  const more = objects.length - objectsMax;
  return html`<li class="${severity}"><p><strong>${code}</strong> <span class="severity">${words[severity]}</span></p>
<p>${message}</p>
${
  objects.length > 0 &&
  html`<ul>${objects.slice(0, objectsMax).map((object) => html`<li>${object}</li>`)}${more > 0 && html`<li>and ${more} more</li>`}</ul>`
}
${fix !== '' && html`<p class="todo"><strong>Do:</strong> ${fix}</p>`}
<p><a href="${docs}">Explained</a></p></li>
`;
}
