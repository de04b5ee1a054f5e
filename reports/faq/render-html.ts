import { html, type Markup, safeUrl } from '../html.ts';
import type { Block, Cell, CellLine } from './document.ts';

/**
 * A fragment to paste into a WordPress page ("Custom HTML" block): headings from h2, WordPress' own class for tables,
 * no style, no script, nothing loaded; only elements that WordPress keeps for every author (details too).
 */
export function renderFragment(blocks: readonly Block[], language: string): string {
  return html`<div class="cutover-faq" lang="${language}">
${blocks.map((block) => renderBlock(block, blocks))}</div>
`.text;
}

function renderBlock(block: Block, page: readonly Block[]): Markup {
  switch (block.kind) {
    case 'heading':
      return renderHeading(block);
    case 'contents':
      return renderContents(block.title, page);
    case 'entries':
      return html`<details>
<summary>${block.title}</summary>
<ul>
${block.entries.map((entry) => html`<li>${entry.map(renderLine)}</li>\n`)}</ul>
</details>
`;
    case 'paragraph':
      return html`<p>${block.text}</p>\n`;
    case 'banner':
      return html`<p class="cutover-sample" role="note"><strong>${block.text}</strong></p>\n`;
    case 'list':
      return html`<ul>\n${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
    default:
      return html`<figure class="wp-block-table" tabindex="0" aria-label="${block.name}"><table>
<thead><tr>${block.head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${block.rows.map(renderRow)}</tbody>
</table></figure>
`;
  }
}

type Heading = Extract<Block, { readonly kind: 'heading' }>;

function renderHeading({ level, text, anchor }: Heading): Markup {
  if (level === 3) return html`<h3>${text}</h3>\n`;
  return anchor === undefined ? html`<h2>${text}</h2>\n` : html`<h2 id="${anchor}">${text}</h2>\n`;
}

function renderContents(title: string, page: readonly Block[]): Markup {
  const links = page.flatMap((block) =>
    block.kind === 'heading' && block.anchor !== undefined
      ? [html`<li><a href="#${block.anchor}">${block.text}</a></li>\n`]
      : [],
  );
  return html`<nav aria-label="${title}">\n<ul>\n${links}</ul>\n</nav>\n`;
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
  if ('page' in content) return html`<a href="${content.page}">${content.text}</a>`;
  const url = safeUrl(content.link);
  return url === null ? html`${content.text}` : html`<a href="${url}" rel="nofollow noopener">${content.text}</a>`;
}
