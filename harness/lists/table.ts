/** A spreadsheet as it was read, whatever its format: enough to read it, and to give it back with more columns. */
export interface Table {
  /** In the order of the sheet; rows that a workbook leaves out are left out here, too. */
  readonly rows: readonly TableRow[];
  /** What the file was made of. */
  readonly source: CsvSource | XlsxSource;
  /** What a person should know about how it was read, as sentences. */
  readonly remarks: readonly string[];
}

export interface TableRow {
  /** From 1, as spreadsheet programs number it. */
  readonly number: number;
  /** By column, from 0. */
  readonly cells: readonly TableCell[];
}

export interface TableCell {
  /** As a person sees it. */
  readonly text: string;
  /** What a spreadsheet program has made of what was typed. All cells of a CSV are texts. */
  readonly kind: 'text' | 'number' | 'date' | 'boolean' | 'error';
  /** The text is what the program last computed. */
  readonly isFormula: boolean;
}

export const EMPTY_CELL: TableCell = { text: '', kind: 'text', isFormula: false };

export type Encoding = 'utf-8' | 'utf-8-bom' | 'windows-1252' | 'utf-16le' | 'utf-16be';
export type Delimiter = ',' | ';' | '\t';

export interface CsvSource {
  readonly format: 'csv';
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly lineEnd: '\r\n' | '\n';
  /** `sep=;`, which Excel takes as an order and not as a row; "" without it. */
  readonly preamble: string;
}

export interface XlsxSource {
  readonly format: 'xlsx';
  /** Every part of the package, in its order. */
  readonly parts: ReadonlyMap<string, Buffer>;
  /** Name of the part that holds the sheet which was read. */
  readonly part: string;
}

/** A text to be put into a cell, whatever stood there. */
export interface CellEdit {
  /** From 1. */
  readonly row: number;
  /** From 0. */
  readonly column: number;
  readonly text: string;
}

/** `A`, `Z`, `AA` … for 0, 25, 26 … */
export function columnName(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest === 0 ? '' : columnName(rest - 1)) + String.fromCharCode(65 + (column % 26));
}
