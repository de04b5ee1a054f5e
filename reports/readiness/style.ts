import { html } from '../html.ts';

/** Of the page: light and dark, wide and narrow, and on paper. */
export const STYLE = html`
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --line: #c9ced6; --head: #eef1f5; --link: #0b57a4;
  --good: #e3f4e5; --bad: #fde6e0; --open: #fff6d6; --go: #1c7a33; --no-go: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6ea; --paper: #16181c; --line: #444a54; --head: #262a31; --link: #8ab8f0; --good: #1d3a22;
    --bad: #4d1f1b; --open: #453a10; --go: #5fc97a; --no-go: #ff8a80 }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 72rem; padding: 1rem }
h1 { font-size: 1.8rem; margin: 0 0 .2rem } h2 { margin: 2.2rem 0 .6rem; font-size: 1.3rem }
h3 { margin: 1.4rem 0 .4rem; font-size: 1.05rem } p { margin: .4rem 0; max-width: 75ch }
a { color: var(--link) }
.sample { background: var(--open); border-left: 4px solid #c79100; padding: .6rem 1rem; font-weight: 600 }
.decision { border: 2px solid; border-left-width: 12px; padding: .8rem 1rem; margin: 1rem 0 }
.decision h2 { margin: 0; font-size: 1.7rem } .decision p { font-size: 1.05rem }
.go { border-color: var(--go) } .go h2 { color: var(--go) }
.no-go { border-color: var(--no-go) } .no-go h2 { color: var(--no-go) }
.numbers { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; list-style: none; margin: .6rem 0 1rem }
.numbers li { border: 1px solid var(--line); padding: .4rem .8rem; flex: 1 1 9rem }
.numbers strong { display: block; font-size: 1.7rem; line-height: 1.2 }
table { border-collapse: collapse; width: 100%; font-size: .92rem; margin: .4rem 0 }
th, td { border: 1px solid var(--line); padding: .4rem .55rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
thead th { background: var(--head); overflow-wrap: normal } tbody th { font-weight: 600 } tbody th span { font-weight: 400 }
td, th { min-width: 6.5rem } td:nth-child(2) { min-width: 8.5rem } .figures td { min-width: 5rem }
[aria-labelledby="criteria"] td:last-child { white-space: nowrap; min-width: 4.5rem }
[aria-labelledby="criteria"] tr.good td:last-child { background: var(--good) }
[aria-labelledby="criteria"] tr.bad td:last-child { background: var(--bad) }
td:last-child { width: 32% } .figures td:last-child, [aria-labelledby="criteria"] td:last-child { width: auto }
tr.bad > th, tr.open > th { border-left: 4px solid var(--no-go) } tr.open > th { border-left-color: #c79100 }
.figures td { text-align: right; width: 7rem }
footer { border-top: 1px solid var(--line); margin-top: 2rem; font-size: .88rem }
@media screen and (max-width: 45rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  table, tbody, tbody tr, tbody th, tbody td { display: block; min-width: 0; width: auto }
  tbody tr { border: 1px solid var(--line); margin-bottom: .6rem; padding: .2rem .1rem }
  tbody th, tbody td { border-width: 0; padding: .1rem .5rem } td:last-child { width: auto }
  tbody td::before { content: attr(data-column) ": "; font-weight: 600 }
  .figures td, [aria-labelledby="criteria"] td:last-child { display: inline-block; text-align: left; width: auto }
}
@page { margin: 15mm }
@media print {
  :root { --ink: #000; --paper: #fff; --line: #888; --head: #eee; --link: #000; --good: #fff; --bad: #fff; --open: #fff;
    --go: #000; --no-go: #000 }
  html { font-size: 9pt } body { font-size: 9pt; max-width: none; padding: 0 } td, th { min-width: 0 } a { text-decoration: none }
  h2, h3 { break-after: avoid } tr, .decision, .numbers { break-inside: avoid } section { break-inside: auto }
}`;
