import { countHeadings, type Header, type ListColumn, readHeader, ROWS_WITH_HEADINGS } from './list-header.ts';
import { invalidList } from './list-fault.ts';
import { readRow, type Row } from './list-row.ts';
import { readTable } from './read-table.ts';
import { columnName, EMPTY_CELL, type Table, type TableRow } from './table.ts';

/** A list of devices: the table as it was, and what its rows say. */
export interface DeviceList {
  readonly path: string;
  readonly table: Table;
  readonly headings: TableRow;
  /** What people call a column: `column 2 (model)`; the bare name of one that the list does not have. */
  readonly placeOf: (column: ListColumn) => string;
  /** Those that could be read, in the order of the table. */
  readonly rows: readonly Row[];
  /** What is wrong in the others: row by row. */
  readonly problems: readonly Told[];
  /** What was read, but may be wrong; and how the file was read, with row 0. */
  readonly doubts: readonly Told[];
}

/** Something about a row. `text` begins with file, row and column. */
export interface Told {
  readonly row: number;
  readonly text: string;
}

/** Rows beyond these are another kind of list. */
const MAX_ROWS = 100_000;

/**
 * Reads a list of devices. Columns stand in any order, with German or English headings, and those that are unknown are
 * kept; rows that are empty are none.
 *
 * @throws HarnessFault `list-unreadable` for a file that is no spreadsheet; `list-invalid` for one without the headings
 *   that are needed, or without a row.
 */
export function readList(path: string): DeviceList {
  return parseList(readTable(path), path);
}

/** `name` stands before problems. */
export function parseList(table: Table, name: string): DeviceList {
  const filled = table.rows.filter((row) => !isEmpty(row));
  const [headings] = filled
    .slice(0, ROWS_WITH_HEADINGS)
    .toSorted((a, b) => countHeadings(textsOf(b)) - countHeadings(textsOf(a)));
  if (headings === undefined) throw invalidList([`${name}:1: the list is empty`]);
  const header = readHeader(textsOf(headings));
  const called = namesOf(table, header);
  const wrong = header.problems.map(
    ({ at, column, what }) => `${name}:${headings.number}: ${at === null ? column : called(at)}: ${what}`,
  );
  if (wrong.length > 0) {
    // One of these may be meant.
    const others = header.unknown.map(
      ({ at, heading }) => `${name}:${headings.number}: ${called(at)}: unknown heading ${quote(heading)}`,
    );
    throw invalidList([...wrong, ...others]);
  }
  const below = filled.filter(({ number }) => number > headings.number);
  if (below.length === 0)
    throw invalidList([`${name}:${headings.number}: rows: there is no device below the headings`]);
  if (below.length > MAX_ROWS) throw invalidList([`${name}: more than ${MAX_ROWS} rows; make several lists of it`]);

  const problems: Told[] = [];
  const doubts: Told[] = [
    ...table.remarks.map((text) => ({ row: 0, text: `${name}: ${text}` })),
    ...header.unknown.map(({ at, heading }) => ({
      row: 0,
      text: `${name}:${headings.number}: ${called(at)}: ${quote(heading)} is kept and not read`,
    })),
  ];
  const placeOf = (column: ListColumn) => {
    const at = [...header.columns].find(([, known]) => known === column)?.[0];
    return at === undefined ? column : called(at);
  };
  const rows = below.flatMap((row): Row[] => {
    const tell = (list: Told[]) => (column: ListColumn, what: string) =>
      list.push({ row: row.number, text: `${name}:${row.number}: ${placeOf(column)}: ${what}` });
    const outside = row.cells.findIndex((cell, at) => at >= headings.cells.length && cell.text.trim() !== '');
    if (outside >= 0 && table.source.format === 'csv') {
      const text = `${name}:${row.number}: ${called(outside)}: there is no heading above it; put a text with commas into quotes`;
      problems.push({ row: row.number, text });
      return [];
    }
    const cells = new Map([...header.columns].map(([at, column]) => [column, row.cells[at] ?? EMPTY_CELL]));
    const read = readRow(cells, tell(problems), tell(doubts));
    return read === null ? [] : [{ ...read, number: row.number }];
  });
  return { path: name, table, headings, placeOf, rows, problems, doubts };
}

/** What is wrong in the rows that could not be read, by their numbers: a line each, without file and row. */
export function whyUnread({ path, problems }: DeviceList): ReadonlyMap<number, string> {
  const byRow = Map.groupBy(problems, (problem) => problem.row);
  const withoutPlace = ({ row, text }: Told) => text.slice(`${path}:${row}: `.length);
  return new Map([...byRow].map(([row, own]) => [row, own.map(withoutPlace).join('; ')]));
}

/** What people call a column: its letter in a workbook, its number in text, and what we take it for. */
function namesOf({ source }: Table, { columns }: Header): (at: number) => string {
  return (at) => {
    const place = source.format === 'xlsx' ? columnName(at) : String(at + 1);
    const column = columns.get(at);
    return `column ${place}${column === undefined ? '' : ` (${column})`}`;
  };
}

function quote(heading: string): string {
  return JSON.stringify(heading.slice(0, 40));
}

function isEmpty({ cells }: TableRow): boolean {
  return cells.every((cell) => cell.text.trim() === '');
}

function textsOf({ cells }: TableRow): readonly string[] {
  return cells.map((cell) => cell.text);
}
