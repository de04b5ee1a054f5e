import { countHeadings, ROWS_WITH_HEADINGS } from './list-header.ts';
import type { Table } from './table.ts';
import { findCells, readSheet } from './xlsx-sheet.ts';
import { readWorkbook, textOf } from './xlsx-workbook.ts';

/**
 * The sheet of a workbook that holds the list: the first with headings that we know, else the first. Formulas are never
 * computed: their cells hold what the spreadsheet program computed last. Null: the parts are no workbook.
 */
export function parseXlsx(parts: ReadonlyMap<string, Buffer>): Table | null {
  const workbook = readWorkbook(parts);
  const [first, ...others] = workbook?.sheets ?? [];
  if (workbook === null || first === undefined) return null;
  const read = ({ name, part }: typeof first) => {
    const xml = textOf(parts, part) ?? '';
    return { name, part, rows: readSheet(xml, findCells(xml), workbook) };
  };
  const isList = ({ rows }: ReturnType<typeof read>) =>
    rows.slice(0, ROWS_WITH_HEADINGS).some(({ cells }) => countHeadings(cells.map((c) => c.text)) > 1);
  const found = read(first);
  const chosen = isList(found) ? found : (others.map(read).find(isList) ?? found);
  const left = workbook.sheets.filter(({ part }) => part !== chosen.part).map(({ name }) => `"${name}"`);
  return {
    rows: chosen.rows,
    source: { format: 'xlsx', parts, part: chosen.part },
    remarks: left.length === 0 ? [] : [`the sheet "${chosen.name}" was read, and not ${left.join(', ')}`],
  };
}
