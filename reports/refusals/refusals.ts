import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderMarkdown } from '../faq/render-markdown.ts';
import { renderCsv } from '../matrix/csv.ts';
import type { Report } from '../contract.ts';
import { type Compared, compareRecords } from './comparison.ts';
import { composeRefusals, type Block } from './compose.ts';
import { renderPage } from './render-page.ts';
import { TEXTS } from './texts.ts';
import type { Watched } from './watched.ts';

/** What devices do when the servers say no in different ways: from records of `cutover refusals` alone. */
export const refusals: Report = {
  id: 'refusals',
  files: ['refusals.md', 'refusals.html', 'refusals.csv'],
  async write(input, folder) {
    const compared = compareRecords(input);
    const blocks = composeRefusals(compared, input.language);
    const { title } = TEXTS[input.language];
    await writeFile(join(folder, 'refusals.md'), `# ${title}\n\n${renderMarkdown(blocks.map(withoutTone))}`);
    await writeFile(join(folder, 'refusals.html'), renderPage(title, blocks, input.language));
    await writeFile(join(folder, 'refusals.csv'), renderRows(compared));
  },
};

/** As Markdown takes it; a name is for pages. */
function withoutTone(block: Block) {
  if (block.kind !== 'table') return block;
  return { ...block, name: '', rows: block.rows.map((row) => row.map((cell) => cell.lines)) };
}

/** One row a device and way, in the English words of the files, for spreadsheets and programs. */
function renderRows(compared: Compared): string {
  const rows = compared.watched.map((watched) => COLUMNS.map(([, read]) => read(watched)));
  return renderCsv([COLUMNS.map(([name]) => name), ...rows]);
}

type Column = readonly [name: string, read: (watched: Watched) => string];

const COLUMNS: readonly Column[] = [
  ['device', (w) => w.device],
  ['vendor', (w) => w.record.device.vendor],
  ['model', (w) => w.record.device.model],
  ['firmware', (w) => w.record.device.firmware],
  ['emulated', (w) => String(w.record.device.emulated)],
  ['mode', (w) => w.mode],
  ['engine', (w) => w.record.engine],
  ['mail', (w) => w.fate],
  ['arrived_after_seconds', (w) => (w.lateSeconds === null ? '' : w.lateSeconds.toFixed(0))],
  ['connections', (w) => String(w.connections)],
  ['window_seconds', (w) => String(w.windowSeconds)],
  ['refused_per_10_min', (w) => w.refusedPer10Minutes.toFixed(1)],
  ['extrapolated', (w) => String(w.isExtrapolated)],
  ['counted_by_stock_filter_per_10_min', (w) => w.countedPer10Minutes.toFixed(1)],
  ['locked_out_at_5', (w) => String(w.isLockedOut)],
  ['falls_back_to_plaintext', (w) => String(w.fallsBack)],
  ['password_in_clear', (w) => String(w.isPasswordInClear)],
  ['message', (w) => w.message],
  ['said', (w) => w.said],
  ['measured_at', (w) => w.record.startedAt],
];
