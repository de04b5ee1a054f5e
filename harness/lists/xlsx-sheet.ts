import { EMPTY_CELL, type TableCell, type TableRow } from './table.ts';
import { readRichText, type Workbook } from './xlsx-workbook.ts';
import { decodeXml, parseTags, readAttribute, type Tag } from './xml-tags.ts';

/** A row and its cells, with the places in the XML where they stand. */
export interface SheetRow {
  readonly number: number;
  readonly open: Tag;
  /** Where `</row>` begins; null: the row is one empty tag. */
  readonly close: number | null;
  readonly cells: readonly SheetCell[];
}

export interface SheetCell {
  /** From 0. */
  readonly column: number;
  readonly open: Tag;
  /** Of the whole cell. */
  readonly start: number;
  readonly end: number;
}

/** A range of cells that is shown as one; rows from 1, columns from 0. */
interface Merged {
  readonly from: { readonly row: number; readonly column: number };
  readonly to: { readonly row: number; readonly column: number };
}

export interface SheetPlaces {
  readonly rows: readonly SheetRow[];
  readonly merged: readonly Merged[];
}

/** Finds rows and cells in the XML of a sheet (ECMA-376 part 1, 18.3.1). What leaves out its number follows the one before. */
export function findCells(xml: string): SheetPlaces {
  const rows: SheetRow[] = [];
  const merged: Merged[] = [];
  let [number, column] = [0, 0];
  let row: { open: Tag; cells: SheetCell[] } | null = null;
  let cell: Tag | null = null;
  for (const tag of parseTags(xml)) {
    if (tag.name === 'row' && tag.kind !== 'close') {
      number = Number(readAttribute(tag, 'r') ?? number + 1);
      column = -1;
      if (tag.kind === 'empty') rows.push({ number, open: tag, close: null, cells: [] });
      else row = { open: tag, cells: [] };
    } else if (tag.name === 'row' && row !== null) {
      rows.push({ number, open: row.open, close: tag.start, cells: row.cells });
      row = null;
    } else if (tag.name === 'c' && row !== null) {
      if (tag.kind !== 'close') {
        column = placeOf(readAttribute(tag, 'r') ?? '')?.column ?? column + 1;
        cell = tag;
      }
      if (tag.kind !== 'open' && cell !== null) row.cells.push({ column, open: cell, start: cell.start, end: tag.end });
    } else if (tag.name === 'mergeCell') {
      const [from, to] = (readAttribute(tag, 'ref') ?? '').split(':').map(placeOf);
      if (from && to) merged.push({ from, to });
    }
  }
  return { rows, merged };
}

/** `B12` as column 1 and row 12. */
function placeOf(reference: string): { readonly row: number; readonly column: number } | null {
  const [, letters = '', digits] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference) ?? [];
  if (digits === undefined) return null;
  const column = Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits), column };
}

/** The cells of a sheet as a person sees them. A cell that is merged downwards stands in every row that it covers. */
export function readSheet(xml: string, { rows, merged }: SheetPlaces, workbook: Workbook): readonly TableRow[] {
  const read = rows.map(({ number, cells }) => {
    const texts: TableCell[] = [];
    for (const cell of cells) {
      if (cell.column >= MAX_COLUMNS) continue;
      while (texts.length < cell.column) texts.push(EMPTY_CELL);
      texts[cell.column] = readCell(xml, cell, workbook);
    }
    return { number, cells: texts };
  });
  const byNumber = new Map(read.map((row) => [row.number, row.cells]));
  for (const { from, to } of merged) {
    const shown = byNumber.get(from.row)?.[from.column];
    if (shown === undefined || from.column !== to.column) continue;
    for (const { number, cells } of read) {
      if (number <= from.row || number > to.row) continue;
      while (cells.length <= from.column) cells.push(EMPTY_CELL);
      cells[from.column] = shown;
    }
  }
  return read;
}

/** Lists of devices have a few dozen; a cell far out to the right must not make millions of empty ones. */
const MAX_COLUMNS = 500;

function readCell(xml: string, { open, start, end }: SheetCell, workbook: Workbook): TableCell {
  let [value, isFormula, from] = ['', false, start];
  let rich: string | null = null;
  for (const tag of parseTags(xml, open.end, end)) {
    if (tag.name === 'f') isFormula = true;
    if (tag.kind === 'open' && (tag.name === 'v' || tag.name === 'is')) from = tag.end;
    if (tag.kind === 'close' && tag.name === 'v') value = xml.slice(from, tag.start);
    if (tag.kind === 'close' && tag.name === 'is') rich = readRichText(xml.slice(from, tag.start));
  }
  const format = workbook.formats[Number(readAttribute(open, 's') ?? 0)] ?? 'General';
  const plain = decodeXml(value);
  switch (readAttribute(open, 't') ?? 'n') {
    case 's':
      return { text: workbook.sharedTexts[Number(plain)] ?? '', kind: 'text', isFormula };
    case 'inlineStr':
      return { text: rich ?? '', kind: 'text', isFormula };
    case 'b':
      return { text: plain === '1' ? 'TRUE' : 'FALSE', kind: 'boolean', isFormula };
    case 'e':
      return { text: plain, kind: 'error', isFormula };
    case 'd':
      return { text: plain, kind: 'date', isFormula };
    case 'n':
      return plain === '' ? { ...EMPTY_CELL, isFormula } : { ...readNumber(plain, format, workbook.is1904), isFormula };
    default:
      return { text: plain, kind: 'text', isFormula };
  }
}

function readNumber(value: string, format: string, is1904: boolean): Pick<TableCell, 'text' | 'kind'> {
  const number = Number(value);
  if (!Number.isFinite(number)) return { text: value, kind: 'text' };
  if (isDateFormat(format)) return { text: renderDate(number, is1904), kind: 'date' };
  const places = /^0(?:\.(0+))?$/.exec(format);
  // Excel shows 15 digits: 0.1 + 0.2 is stored as 0.30000000000000004.
  const text =
    places === null ? withoutExponent(Number(number.toPrecision(15))) : number.toFixed(places[1]?.length ?? 0);
  return { text, kind: 'number' };
}

/** Whole numbers are serial numbers to people, however long. */
function withoutExponent(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e21 ? number.toFixed(0) : String(number);
}

function isDateFormat(format: string): boolean {
  const bare = format.replaceAll(/"[^"]*"|\[[^\]]*\]|\\.|_./g, '');
  return bare !== 'General' && /[dmyhs]/i.test(bare);
}

/** Day 1 is 1900-01-01, and 1900 counts as a leap year (ECMA-376 part 1, 18.17.4.1): from March on day 0 is 1899-12-30. */
function renderDate(serial: number, is1904: boolean): string {
  const days = is1904 ? serial + 1462 : serial;
  const date = new Date(Math.round((days - 25_569) * 86_400) * 1000);
  if (Number.isNaN(date.getTime())) return String(serial);
  const iso = date.toISOString();
  return days % 1 === 0 ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ');
}
