import { type CellEdit, columnName, type XlsxSource } from './table.ts';
import { textOf } from './xlsx-workbook.ts';
import { findCells, type SheetCell, type SheetRow } from './xlsx-sheet.ts';
import { encodeXml, parseTags, readAttribute } from './xml-tags.ts';
import { renderZip } from './zip-file.ts';
import { disarmFormulas, renderTextCell, withoutCalculationChain } from './xlsx-formulas.ts';

/** Excel takes no longer text in a cell. */
const MAX_TEXT = 32_767;
/** Of added columns, in characters. */
const WIDTH = 28;

/**
 * The same workbook with other texts in some cells of its sheet: other sheets, formats, widths, filters and formulas stay
 * as they are, except formulas that reach out of the workbook, which become texts. What is put in is always a text, which
 * no spreadsheet program runs.
 */
export function renderXlsx({ parts, part }: XlsxSource, edits: readonly CellEdit[]): Buffer {
  const original = textOf(parts, part) ?? '';
  const disarmed = disarmFormulas(original);
  const changed = new Map(parts);
  changed.set(part, Buffer.from(editSheet(disarmed, edits)));
  for (const [name, content] of parts) {
    if (name === part || !/^xl\/worksheets\/[^/]+\.xml$/.test(name)) continue;
    const text = content.toString('utf8');
    const safe = disarmFormulas(text);
    if (safe !== text) changed.set(name, Buffer.from(safe));
  }
  const isDisarmed = disarmed !== original || [...parts].some(([n, c]) => n !== part && changed.get(n) !== c);
  return renderZip(isDisarmed ? withoutCalculationChain(changed) : changed);
}

function editSheet(xml: string, edits: readonly CellEdit[]): string {
  const { rows } = findCells(xml);
  const byRow = Map.groupBy(edits, (edit) => edit.row);
  const prefix = /<([\w.-]+:)?worksheet\b/.exec(xml)?.[1] ?? '';
  const before = new Set(rows.flatMap((row) => row.cells.map((cell) => cell.column)));
  const headings = Math.min(...byRow.keys());
  const parts: string[] = [];
  let done = 0;
  for (const row of rows) {
    const own = byRow.get(row.number);
    if (own === undefined) continue;
    const style = row.number === headings ? styleOf(row.cells.at(-1)) : '';
    parts.push(xml.slice(done, row.open.start), renderRow(xml, row, own, { prefix, style }));
    done = row.close === null ? row.open.end : row.close;
  }
  const edited = parts.join('') + xml.slice(done);
  const added = [...new Set(edits.map((edit) => edit.column))]
    .filter((column) => !before.has(column))
    .sort((a, b) => a - b);
  return widen(withDimension(edited, edits), added, prefix);
}

interface Look {
  /** `x:` where the sheet writes `x:row`; else "". */
  readonly prefix: string;
  /** Attribute of the cells that are put in. */
  readonly style: string;
}

/** The row from its opening tag to where `</row>` begins; an empty tag becomes a pair. */
function renderRow(xml: string, row: SheetRow, edits: readonly CellEdit[], { prefix, style }: Look): string {
  const fresh = edits
    .filter(({ text }) => text !== '')
    .map(({ column, text }) => ({
      column,
      xml: renderTextCell(prefix, ` r="${columnName(column)}${row.number}"${style}`, text.slice(0, MAX_TEXT)),
    }));
  const edited = new Set(edits.map((edit) => edit.column));
  const kept = row.cells
    .filter(({ column }) => !edited.has(column))
    .map(({ column, start, end }) => ({ column, xml: xml.slice(start, end) }));
  const cells = [...kept, ...fresh].sort((a, b) => a.column - b.column).map((cell) => cell.xml);
  // How far the cells of the row reach is a hint to readers, which no longer holds.
  const attributes = row.open.attributes.replace(/\sspans\s*=\s*(?:"[^"]*"|'[^']*')/, '');
  return `<${prefix}row${attributes}>${cells.join('')}${row.close === null ? `</${prefix}row>` : ''}`;
}

function styleOf(cell: SheetCell | undefined): string {
  const style = cell === undefined ? undefined : readAttribute(cell.open, 's');
  return style === undefined ? '' : ` s="${encodeXml(style)}"`;
}

/** The range that is in use, told in the sheet's head. */
function withDimension(xml: string, edits: readonly CellEdit[]): string {
  return xml.replace(
    /(<(?:[\w.-]+:)?dimension\s[^>]*?ref=")([A-Z]+\d+)(?::([A-Z]+)(\d+))?(")/,
    (_, before: string, from: string, _letters, last: string | undefined, after: string) => {
      const row = Math.max(Number(last ?? /\d+$/.exec(from)?.[0] ?? 1), ...edits.map((e) => e.row));
      const column = edits.reduce((most, e) => Math.max(most, e.column), 0);
      return `${before}${from}:${columnName(column)}${row}${after}`;
    },
  );
}

/** Gives added columns a width that their texts can be read in, unless the sheet says something of those columns. */
function widen(xml: string, added: readonly number[], prefix: string): string {
  const [first] = added;
  const last = added.at(-1);
  if (first === undefined || last === undefined) return xml;
  const column = `<${prefix}col min="${first + 1}" max="${last + 1}" width="${WIDTH}" customWidth="1"/>`;
  for (const tag of parseTags(xml)) {
    if (tag.name === 'col' && Number(readAttribute(tag, 'max') ?? 0) > first) return xml;
    if (tag.name === 'cols' && tag.kind === 'close') return xml.slice(0, tag.start) + column + xml.slice(tag.start);
    if (tag.name === 'sheetData')
      return `${xml.slice(0, tag.start)}<${prefix}cols>${column}</${prefix}cols>${xml.slice(tag.start)}`;
  }
  return xml;
}
