import { safeUrl } from '../html.ts';
import type { Block, Cell, CellLine } from './document.ts';

/** CommonMark with GFM tables, one line a row, so that it can be pasted into a ticket or a wiki. */
export function renderMarkdown(blocks: readonly Block[]): string {
  const shown = blocks.filter((block) => block.kind !== 'contents');
  return `${shown.map(renderBlock).join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escape(block.text)}`;
    case 'paragraph':
      return escape(block.text);
    case 'banner':
      return `> **${escape(block.text)}**`;
    case 'entries':
      return [`#### ${escape(block.title)}`, '', ...block.entries.map((entry) => `- ${inline(entry)}`)].join('\n');
    case 'contents':
      return '';
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

/** Blanks between the pieces are part of them: `escape` would trim them. */
function inline(entry: Cell): string {
  return entry
    .map((piece) => {
      if (typeof piece !== 'string') return line(piece);
      const text = escape(piece);
      return `${/^\s/.test(piece) ? ' ' : ''}${text}${/\s$/.test(piece) && text !== '' ? ' ' : ''}`;
    })
    .join('')
    .trim();
}

function line(content: CellLine): string {
  if (typeof content === 'string') return escape(content);
  if ('strong' in content) return `**${escape(content.strong)}**`;
  const url = 'page' in content ? content.page : safeUrl(content.link);
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
