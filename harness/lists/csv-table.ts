import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { encodeText } from './decode-text.ts';
import { countHeadings, ROWS_WITH_HEADINGS } from './list-header.ts';
import { invalidList } from './list-fault.ts';
import { type CellEdit, type CsvSource, type Delimiter, EMPTY_CELL, type Encoding, type Table } from './table.ts';

/** A text with commas, semicolons or tabs as a table. `name` stands before problems. Throws HarnessFault `list-invalid`. */
export function parseCsv(text: string, name: string, encoding: Encoding): Table {
  const [preamble = '', ordered] = /^sep=([,;\t])\r?\n/i.exec(text) ?? [];
  const body = text.slice(preamble.length);
  const delimiter = ordered === undefined ? delimiterOf(body) : DELIMITERS.find((d) => d === ordered);
  const lineEnd = /\r\n|\n/.exec(text)?.[0] === '\n' ? '\n' : '\r\n';
  const source: CsvSource = {
    format: 'csv',
    encoding,
    delimiter: delimiter ?? ',',
    lineEnd,
    preamble: preamble.trim(),
  };
  const rows = parseCells(body, source.delimiter, name).map((cells, i) => ({
    number: i + 1 + Number(preamble !== ''),
    cells: cells.map((cell) => ({ ...EMPTY_CELL, text: unescapeFormula(cell) })),
  }));
  return { rows, source, remarks: [] };
}

/**
 * The same table with other texts in some cells, as bytes. A cell that a spreadsheet program would run as a formula gets
 * an apostrophe before it (OWASP, "CSV injection"), which reading takes away again.
 */
export function renderCsv({ rows }: Pick<Table, 'rows'>, source: CsvSource, edits: readonly CellEdit[]): Buffer {
  const byRow = Map.groupBy(edits, (edit) => edit.row);
  const lines = rows.map(({ number, cells }) => {
    const texts = cells.map((cell) => cell.text);
    for (const { column, text } of byRow.get(number) ?? []) {
      while (texts.length < column) texts.push('');
      texts[column] = text;
    }
    return texts.map((text) => renderCell(text, source.delimiter)).join(source.delimiter);
  });
  const all = source.preamble === '' ? lines : [source.preamble, ...lines];
  return encodeText(all.map((line) => line + source.lineEnd).join(''), source.encoding);
}

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t'];

/** What parts a line into the most headings that we know; where there are none, what stands most often. */
function delimiterOf(text: string): Delimiter {
  const lines = text.split(/\r\n|\r|\n/, ROWS_WITH_HEADINGS);
  const score = (sign: Delimiter) => {
    const parted = lines.map((line) => line.split(sign));
    const headings = parted.map((cells) => countHeadings(cells.map((cell) => cell.replaceAll('"', ''))));
    return Math.max(...headings) * 1_000_000 + Math.max(...parted.map((cells) => cells.length));
  };
  return DELIMITERS.reduce((best, sign) => (score(sign) > score(best) ? sign : best));
}

const Cells = z.array(z.array(z.string()));

function parseCells(text: string, delimiter: Delimiter, name: string): readonly (readonly string[])[] {
  try {
    return Cells.parse(
      parse(text, {
        bom: true,
        delimiter,
        recordDelimiter: ['\r\n', '\n', '\r'],
        relaxColumnCount: true,
        // 19" stands in names of cabinets.
        relaxQuotes: true,
        skipEmptyLines: false,
      }),
    );
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = 'lines' in cause && typeof cause.lines === 'number' ? cause.lines : 1;
    throw invalidList([
      `${name}:${line}: ${cause.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote is not closed' : cause.message}`,
    ]);
  }
}

function renderCell(text: string, delimiter: Delimiter): string {
  const safe = needsApostrophe(text) ? `'${text}` : text;
  const needsQuotes = /["\r\n]/.test(safe) || safe.includes(delimiter) || safe !== safe.trim();
  return needsQuotes ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What begins so may be run; full-width forms count too. A cell that was escaped before stays so. */
const FORMULA = /^'*\s*[=+\-@\t\r＝＋－＠]/;
/** Numbers and telephone numbers run nothing, and people would wonder about the apostrophe. */
const HARMLESS = /^'*[+-][\d\s.,()/-]*$/;

function needsApostrophe(text: string): boolean {
  return FORMULA.test(text) && !HARMLESS.test(text);
}

function unescapeFormula(cell: string): string {
  return cell.startsWith("'") && needsApostrophe(cell.slice(1)) ? cell.slice(1) : cell;
}
