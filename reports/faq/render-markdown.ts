import { safeUrl } from '../html.ts';
import type { Block, Cell, CellLine } from './document.ts';

/** CommonMark with GFM tables, one line a row, so that it can be pasted into a ticket or a wiki. */
export function renderMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(renderBlock).join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escape(block.text)}`;
    case 'paragraph':
      return escape(block.text);
    case 'banner':
      return `> **${escape(block.text)}**`;
    case 'list':
      return block.items.map((item) => `- ${escape(item)}`).join('\n');
    default:
      return [
        row(block.head.map((text) => [text])),
        `|${block.head.map(() => ' --- |').join('')}`,
        ...block.rows.map(row),
      ].join('\n');
  }
}

function row(cells: readonly Cell[]): string {
  return `| ${cells.map((cell) => cell.map(line).join('<br>')).join(' | ')} |`;
}

function line(content: CellLine): string {
  if (typeof content === 'string') return escape(content);
  if ('strong' in content) return `**${escape(content.strong)}**`;
  const url = safeUrl(content.link);
  const text = escape(content.text);
  return url === null ? text : `[${text}](<${url.replaceAll(/[<>|\\]/g, encodeURIComponent)}>)`;
}

/** Every ASCII punctuation that can start markup, HTML, a table cell or a bare link; line ends become blanks. */
function escape(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>#|~&$!]/g, (c) => `\\${c}`)
    .replaceAll('://', ':\\//')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^([-+=])/, '\\$1');
}
