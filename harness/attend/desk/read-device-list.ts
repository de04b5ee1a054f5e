import { readFileSync, statSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import { type Cell, type ListColumn, readHeader, type Row } from './list-columns.ts';
import { createListed } from './list-devices.ts';
import type { ListedDevice } from './render-view.ts';
import { readRow } from './list-row.ts';

/** A spreadsheet of thousands of devices has less. */
const MAX_BYTES = 2_000_000;
const MAX_ROWS = 2_000;

/**
 * Reads the list of an attended run: CSV in UTF-8, commas, semicolons or tabs, German or English headings. A row is a
 * device, or one more setting of the device above it with the same maker, model, place and number. `known`: device
 * files, whose menus and words a row of the same maker and model takes.
 *
 * Throws HarnessFault `list-invalid` with every problem, each with line and column; `list-unreadable`.
 */
export function readDeviceList(path: string, known: readonly Device[]): readonly ListedDevice[] {
  return parseDeviceList(readText(path), path, known);
}

/** The same of a text; `name` stands before its problems. */
export function parseDeviceList(text: string, name: string, known: readonly Device[]): readonly ListedDevice[] {
  const lines = readCells(text, name);
  const [head, ...rows] = lines;
  const problems: string[] = [];
  const report = (line: number, column: string, what: string) => problems.push(`${name}:${line}: ${column}: ${what}`);
  if (head === undefined) throw invalid([`${name}:1: the list is empty`]);
  const columns = readHeader(head.cells, (heading, what) => report(head.line, heading, what));
  if (rows.length > MAX_ROWS) throw invalid([`${name}: more than ${MAX_ROWS} rows; make several lists of it`]);
  const read: Row[] = [];
  for (const { line, cells } of problems.length > 0 ? [] : rows) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (cells.length > head.cells.length) {
      report(
        line,
        `column ${head.cells.length + 1}`,
        'there is no heading above it; put a text with commas into quotes',
      );
      continue;
    }
    const given = new Map<ListColumn, Cell>();
    for (const [at, column] of columns) given.set(column, { text: (cells[at] ?? '').trim(), at: at + 1 });
    const row = readRow(given, (column, what) =>
      report(line, `column ${given.get(column)?.at ?? '?'} (${column})`, what),
    );
    if (row !== null) read.push({ ...row, line });
  }
  if (problems.length === 0 && read.length === 0) report(head.line, 'rows', 'there is no device below the headings');
  if (problems.length > 0) throw invalid(problems);
  return createListed(read, known);
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES / 1_000_000} MB`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const isEncoding = cause instanceof TypeError;
    const why = isEncoding ? 'it is not UTF-8' : cause instanceof Error ? cause.message : 'unknown';
    throw new HarnessFault('list-unreadable', `${path}: cannot be read as a list: ${why}`, {
      cause,
      stage: 'configuration',
      advice: isEncoding ? 'Save it again as "CSV UTF-8".' : 'Give a spreadsheet that was saved as CSV.',
    });
  }
}

/** What the parser gives with `info`. */
const Cells = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) }));

interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

function readCells(text: string, name: string): readonly Line[] {
  try {
    const parsed = Cells.parse(
      parse(text, {
        bom: true,
        delimiter: delimiterOf(text),
        info: true,
        relaxColumnCount: true,
        skipEmptyLines: true,
      }),
    );
    return parsed.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = 'lines' in cause && typeof cause.lines === 'number' ? cause.lines : 1;
    throw invalid([
      `${name}:${line}: ${cause.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote is not closed' : cause.message}`,
    ]);
  }
}

/** What stands most often in the headings. */
function delimiterOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const count = (sign: string) => head.split(sign).length;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

function invalid(problems: readonly string[]): HarnessFault {
  return new HarnessFault('list-invalid', problems.join('\n'), {
    stage: 'configuration',
    advice: 'Columns are: vendor, model, place, inventory, kind, firmware, direction, protocol, port, security, host.',
  });
}
