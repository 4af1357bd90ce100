/** Colours that colour-blind readers can tell apart, with a contrast of at least 4.5:1; marks say the same by shape. */
export const style = `
:root { color-scheme: light dark;
  --ground: #ffffff; --raised: #f5f7f9; --ink: #1a1f24; --quiet: #56606a; --rule: #d5dbe1;
  --forward: #0b63b8; --forward-tint: #bcd9f5; --back: #a04a00; --back-tint: #f9d9b8;
  --good: #17703a; --bad: #b8231a; --good-tint: #e6f4ea; --good-band: #b5dcc2; --bad-tint: #fcebe9; --settling: #e9edf1; --old: #6b7580; --old-tint: #dde2e7; --other-tint: #efe3f5; --other: #7b4a99; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #0e1318; --raised: #171d24; --ink: #e7ecf1; --quiet: #a2adb8; --rule: #303942;
  --forward: #6fb4f4; --forward-tint: #1d4a75; --back: #f0a355; --back-tint: #6b3f12;
  --good: #5fce86; --bad: #ff8a80; --good-tint: #12301e; --good-band: #1f5435; --bad-tint: #3d1a18; --settling: #1f272f; --old: #98a3ae; --old-tint: #38424c; --other-tint: #43304f; --other: #cfa5e6; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 68rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0 0 .5rem; text-wrap: balance; }
figure h3, figure h4 { margin-bottom: .15rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; } h3 { font-size: 1.05rem; } h4 { font-size: 1rem; }
p, figcaption { margin: 0 0 .6rem; max-width: 46rem; }
section { margin-top: 2.5rem; }
small { display: block; font-size: .85rem; color: var(--quiet); font-weight: 400; }
code { font: .95em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--raised); border: 1px solid var(--rule);
  border-radius: 4px; padding: .1em .35em; white-space: pre-wrap; }
.query code { display: block; margin-top: .2rem; padding: .5rem .6rem; }
.title { color: var(--quiet); margin: 0 0 .75rem; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.headline { border-left: 6px solid var(--tone); background: var(--tint); padding: 1rem 1.25rem .6rem; border-radius: 0 8px 8px 0; }
.headline > :first-child { color: var(--tone); }
.good { --tone: var(--good); --tint: var(--good-tint); } .bad { --tone: var(--bad); --tint: var(--bad-tint); }
.back { --tone: var(--back); --tint: var(--raised); } .neutral { --tone: var(--quiet); --tint: var(--raised); }
.forward { --tone: var(--forward); --wait: var(--forward-tint); } .lanes.back { --wait: var(--back-tint); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem 1.5rem; margin: 1.25rem 0 0; }
dt { font-size: .85rem; color: var(--quiet); } dd { margin: 0; font-size: 1.1rem; font-weight: 600; }
.findings, .lanes { list-style: none; margin: 0 0 1rem; padding: 0; }
.findings > li { border-left: 4px solid var(--tone); padding: .1rem 0 .1rem 1rem; margin-bottom: 1.1rem; }
.findings p, .findings ul { margin: 0 0 .25rem; }
.blocks { --tone: var(--bad); } .warns { --tone: var(--back); } .notes { --tone: var(--rule); }
.severity { color: var(--quiet); font-size: .85rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--quiet); font-size: .9rem; } summary:focus-visible { outline: 2px solid var(--forward); }
figure { margin: 0 0 2rem; }
.key { color: var(--quiet); font-size: .9rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; align-items: center; }
.together { display: inline-flex; gap: .45rem; align-items: center; }
.swatch { display: inline-block; width: 1rem; height: .7rem; flex: none; }
.swatch.wait { background: var(--forward-tint); border: 1px solid var(--forward); } .swatch.work { background: var(--forward); }
.swatch.tick { width: 2px; height: 1rem; background: var(--ink); }
.swatch.settling { background: var(--settling); }
.swatch.band-to { background: var(--forward-tint); border-top: 3px solid var(--forward); }
.swatch.band-from { background: var(--old-tint); border-top: 3px solid var(--old); }
.swatch.band-other { background: var(--other-tint); border-top: 3px solid var(--other); }
.swatch.line-own { height: 3px; background: var(--forward); } .swatch.line-limit { height: 0; border-top: 2px dashed var(--bad); }
.swatch.line-rest { height: 2px; background: var(--old); } .swatch.band-usual { background: var(--good-band); }
.swatch.line-worst { width: .7rem; border-radius: 50%; border: 2px solid var(--bad); }
.lane { display: grid; grid-template-columns: minmax(14rem, 21rem) 4rem 1fr; gap: 0 .75rem; align-items: center; font-size: .9rem; line-height: 1.3; }
.took { text-align: right; font-variant-numeric: tabular-nums; color: var(--quiet); }
.mark { color: var(--tone); }
.axis-lane svg { grid-column: 3; }
svg { display: block; overflow: visible; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); stroke-width: 1; } .axis { stroke: var(--quiet); stroke-width: 1; }
rect.wait { fill: var(--wait); stroke: var(--tone); stroke-width: 1; } rect.work { fill: var(--tone); stroke: var(--tone); stroke-width: 1; }
line.tick { stroke: var(--ink); stroke-width: 1.5; } line.tick.failed { stroke: var(--bad); stroke-width: 3; }
.plot { display: grid; grid-template-columns: 52px 1fr; }
rect[class^=band] { shape-rendering: crispEdges; }
.band-to { fill: var(--forward-tint); } .edge-to { stroke: var(--forward); stroke-width: 2; }
.band-from { fill: var(--old-tint); } .edge-from { stroke: var(--old); stroke-width: 2; }
.band-other { fill: var(--other-tint); } .edge-other { stroke: var(--other); stroke-width: 2; }
.mark line { stroke: var(--tone); stroke-width: 1.5; } .mark text { fill: var(--tone); font-weight: 600; }
line.line-own { stroke: var(--forward); stroke-width: 2.5; stroke-linecap: round; } circle.line-own { fill: var(--forward); }
line.line-own.watch { stroke-dasharray: 2 5; }
line.line-rest { stroke: var(--old); stroke-width: 1.5; } rect.band-usual { fill: var(--good-band); }
circle.line-worst { fill: none; stroke: var(--bad); stroke-width: 2; }
line.line-limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 4; } svg text.limit, svg text.worst { fill: var(--bad); } svg text.worst { font-weight: 600; }
rect.settling { fill: var(--settling); } svg text.value { fill: var(--ink); font-weight: 600; }
svg text.value, svg text.limit, svg text.worst, .mark text { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
table + h3, table + h4, p + h3, p + h4 { margin-top: 1.5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; line-height: 1.4; }
caption { text-align: left; color: var(--quiet); font-size: .85rem; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--rule); }
thead th { overflow-wrap: normal; color: var(--quiet); font-weight: 600; font-size: .85rem; } tbody th { font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 0; padding-left: .75rem; } .number + :not(.number) { padding-left: 1.5rem; }
article + article { margin-top: 4rem; border-top: 2px solid var(--rule); padding-top: 2rem; }
@media (max-width: 40rem) {
  h1 { font-size: 1.35rem; } .headline { padding: .8rem 1rem .4rem; }
  .lane { grid-template-columns: 1fr auto; margin-bottom: .35rem; } .lane .bar { grid-column: 1 / -1; }
  .facts { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); }
}
@media print { body { max-width: none; padding: 0; font-size: 10pt; } section, figure, .findings > li, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
`;
