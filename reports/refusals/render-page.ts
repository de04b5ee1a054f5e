import type { Language } from '../../harness/cause-texts.ts';
import { html, type Markup } from '../html.ts';
import type { Block, Cell } from './compose.ts';

/** A page that stands alone: its style is inside, it runs no script and loads nothing. */
export function renderPage(title: string, blocks: readonly Block[], language: Language): string {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${blocks.map(renderBlock)}</body>
</html>
`.text;
}

const STYLE = html`
body { font: 16px/1.5 system-ui, sans-serif; color: #1c1e21; margin: 2rem auto; max-width: 82rem; padding: 0 1rem }
h1 { font-size: 1.7rem } h2 { margin-top: 2.2rem; font-size: 1.3rem } h3 { margin: 1.6rem 0 .4rem; font-size: 1.05rem }
.sample { background: #fff4cc; border-left: 4px solid #c79100; padding: .6rem 1rem; font-weight: 600 }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .88rem; width: 100% }
th, td { border: 1px solid #c9ced6; padding: .4rem .5rem; text-align: left; vertical-align: top }
thead th { background: #eef1f5 } tbody th { font-weight: 600 } td { overflow-wrap: break-word } th { hyphens: auto }
td.good { background: #e3f4e5 } td.late { background: #fff6d6 } td.bad { background: #fde6d8 }
td.worst { background: #f8d3d6; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #e4e6ea } thead th { background: #262a31 } th, td { border-color: #444a54 }
  .sample { background: #4a3d0c } td.good { background: #1d3a22 } td.late { background: #453a10 }
  td.bad { background: #50300f } td.worst { background: #5a1f25 }
}`;

function renderBlock(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return block.level === 2 ? html`<h2>${block.text}</h2>\n` : html`<h3>${block.text}</h3>\n`;
    case 'paragraph':
      return html`<p>${block.text}</p>\n`;
    case 'banner':
      return html`<p class="sample" role="note">${block.text}</p>\n`;
    case 'list':
      return html`<ul>\n${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
    default:
      return html`<div class="wide"><table>
<thead><tr>${block.head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${block.rows.map((row) => html`<tr>${row.map(renderCell)}</tr>\n`)}</tbody>
</table></div>
`;
  }
}

function renderCell({ lines, tone }: Cell, at: number): Markup {
  const content = lines.map((line, i) => (i === 0 ? html`${line}` : html`<br>${line}`));
  if (at === 0) return html`<th scope="row">${content}</th>`;
  return tone === undefined ? html`<td>${content}</td>` : html`<td class="${tone}">${content}</td>`;
}
