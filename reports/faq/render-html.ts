import { html, type Markup, safeUrl } from '../html.ts';
import type { Block, Cell, CellLine } from './document.ts';

/**
 * A fragment to paste into a WordPress page ("Custom HTML" block): headings from h2, WordPress' own class for tables,
 * no style, no script, nothing loaded.
 */
export function renderFragment(blocks: readonly Block[], language: string): string {
  return html`<div class="cutover-faq" lang="${language}">
${blocks.map(renderBlock)}</div>
`.text;
}

function renderBlock(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return block.level === 2 ? html`<h2>${block.text}</h2>\n` : html`<h3>${block.text}</h3>\n`;
    case 'paragraph':
      return html`<p>${block.text}</p>\n`;
    case 'banner':
      return html`<p class="cutover-sample" role="note"><strong>${block.text}</strong></p>\n`;
    case 'list':
      return html`<ul>\n${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
    default:
      return html`<figure class="wp-block-table"><table>
<thead><tr>${block.head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${block.rows.map(renderRow)}</tbody>
</table></figure>
`;
  }
}

function renderRow(cells: readonly Cell[]): Markup {
  return html`<tr>${cells.map((cell, i) => (i === 0 ? html`<th scope="row">${lines(cell)}</th>` : html`<td>${lines(cell)}</td>`))}</tr>\n`;
}

function lines(cell: Cell): readonly Markup[] {
  return cell.map((content, i) => (i === 0 ? renderLine(content) : html`<br>${renderLine(content)}`));
}

function renderLine(content: CellLine): Markup {
  if (typeof content === 'string') return html`${content}`;
  if ('strong' in content) return html`<strong>${content.strong}</strong>`;
  const url = safeUrl(content.link);
  return url === null ? html`${content.text}` : html`<a href="${url}" rel="nofollow noopener">${content.text}</a>`;
}
