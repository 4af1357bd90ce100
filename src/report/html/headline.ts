import { onlyObserves } from '../../model/gate-settings.ts';
import type { RunReport } from '../run-report.ts';
import { counted, moment, took } from './format.ts';
import { type Content, html, type Markup } from './html.ts';
import { heading } from './section.ts';
import { whatNow } from './what-now.ts';

/** How the run ended and what to do now; then versions, tag, start and duration. */
export function headline(report: RunReport, level: number, prefix = ''): Markup {
  const { tone, mark, title, message, todo, state, next } = whatNow(report);
  return html`<div class="headline ${tone}">
${heading(level, [html`<span aria-hidden="true">${mark}</span> `, prefix, title])}
<p>${message}</p>
${report.plan !== undefined && onlyObserves(report.plan) && html`<p><strong>The gate only observes</strong> (<code>gate.mode: observe</code>): its verdicts are told, and stop nothing.</p>`}
<p class="todo"><strong>What now:</strong> ${todo}</p>
${state !== undefined && html`<p><strong>State of the mesh:</strong> ${state}</p>`}
${next !== '' && html`<p>Next: <code>${next}</code></p>`}
</div>
<dl class="facts">${factsOf(report).map(([name, fact]) => html`<div><dt>${name}</dt><dd>${fact}</dd></div>`)}</dl>`;
}

function factsOf({
  cluster,
  plan,
  outcome,
  startedAt,
  durationMs,
  cost,
}: RunReport): readonly (readonly [string, Content])[] {
  const facts: (readonly [string, Content])[] = [];
  if (cluster !== undefined)
    facts.push(['Cluster', html`${cluster.context}<small>${cluster.server}, user ${cluster.user}</small>`]);
  if (plan !== undefined) {
    const { versions, from, to, tag } = plan;
    facts.push(['Istio', html`${versions.from || 'none'} → ${versions.to}<small>revision ${from} → ${to}</small>`]);
    const names = outcome === undefined || outcome.revision === '' ? undefined : outcome.revision;
    facts.push([
      'Revision tag',
      html`${tag}<small>${names === undefined ? 'not read at the end' : `names ${names} now`}</small>`,
    ]);
  }
  facts.push(['Took', html`${took(durationMs)}<small>from ${moment(startedAt)}</small>`]);
  facts.push(['Restarted', counted(cost.restartedWorkloads, 'workload')]);
  if (cost.failToTagBackMs !== null)
    facts.push(['Tag back', html`after ${took(cost.failToTagBackMs)}<small>since the verdict</small>`]);
  return facts;
}
