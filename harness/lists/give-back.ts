import { renderCsv } from './csv-table.ts';
import { OWN_PREFIX } from './list-header.ts';
import type { DeviceList } from './read-list.ts';
import type { CellEdit } from './table.ts';
import { renderXlsx } from './xlsx-edit.ts';

/** A column that is added: its heading, and its text by row number. */
export interface AddedColumn {
  readonly heading: string;
  readonly texts: ReadonlyMap<number, string>;
}

/**
 * The table that was given, in its own format and encoding, with columns behind its own. Columns of an earlier answer are
 * written over, so that a table that was given back can be given again.
 */
export function renderAnswered(
  { table, headings }: DeviceList,
  added: readonly AddedColumn[],
): { readonly bytes: Buffer; readonly extension: 'xlsx' | 'csv' } {
  const { source, rows } = table;
  const own = headings.cells.flatMap(({ text }, at) => (text.startsWith(OWN_PREFIX) ? [at] : []));
  const behind = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
  const columns = added.map((_, i) => own[i] ?? behind + Math.max(0, i - own.length));
  const surplus = own.slice(added.length);
  const edits = rows.flatMap(({ number }): CellEdit[] => {
    if (number < headings.number) return [];
    const isHeadings = number === headings.number;
    const texts = added.map(({ heading, texts: byRow }, i) => ({
      row: number,
      column: columns[i] ?? 0,
      text: isHeadings ? OWN_PREFIX + heading : (byRow.get(number) ?? ''),
    }));
    const emptied = surplus.map((column) => ({ row: number, column, text: '' }));
    // Rows without a device stay as they are, whatever their length.
    return isHeadings || added.some((a) => a.texts.has(number)) || own.length > 0 ? [...texts, ...emptied] : [];
  });
  return source.format === 'csv'
    ? { bytes: renderCsv(table, source, edits), extension: 'csv' }
    : { bytes: renderXlsx(source, edits), extension: 'xlsx' };
}
