import { parseCsv } from '../../lists/csv-table.ts';
import { invalidList } from '../../lists/list-fault.ts';
import type { Row } from '../../lists/list-row.ts';
import { createMatcher, type Match } from '../../lists/match-device.ts';
import { type DeviceList, parseList, readList, type Told } from '../../lists/read-list.ts';
import type { Device } from '../../vocabulary/device.ts';
import { createListed, nameListed } from './list-devices.ts';
import type { ListedDevice } from './render-view.ts';

/** More nobody attends in one run. */
const MAX_ROWS = 2_000;

export interface AttendedList {
  readonly list: DeviceList;
  readonly devices: readonly ListedDevice[];
  /** What was read, but may be wrong: sentences with file, row and column. */
  readonly doubts: readonly string[];
}

/**
 * Reads the list of an attended run: a spreadsheet (.xlsx, .csv). A row is a device, or one more setting of the device
 * above it with the same maker, model, place and number. `known`: device files, whose menus and words a row of the same
 * maker and model takes.
 *
 * Throws HarnessFault `list-invalid` with every problem, each with row and column; `list-unreadable`.
 */
export function readAttendedList(path: string, known: readonly Device[]): AttendedList {
  return attendList(readList(path), known);
}

/** By row: the id of the device that an attended run makes of it. */
export function attendedIds({ rows }: DeviceList, known: readonly Device[]): ReadonlyMap<number, string> {
  const named = nameListed(rows, createMatcher(known).find);
  return new Map(named.flatMap(({ id, rows: own }) => own.map((row) => [row.number, id])));
}

/** The devices of a text in columns; `name` stands before its problems. */
export function parseDeviceList(text: string, name: string, known: readonly Device[]): readonly ListedDevice[] {
  return attendList(parseList(parseCsv(text, name, 'utf-8'), name), known).devices;
}

function attendList(list: DeviceList, known: readonly Device[]): AttendedList {
  const { path, rows, problems } = list;
  const { find } = createMatcher(known);
  const nameless = rows.flatMap((row) => (find(row).kind === 'matched' ? [] : namelessIn(row, list)));
  const wrong = [...problems, ...nameless].toSorted((a, b) => a.row - b.row).map((p) => p.text);
  if (rows.length > MAX_ROWS) wrong.push(`${path}: more than ${MAX_ROWS} rows; make several lists of it`);
  if (wrong.length > 0) throw invalidList(wrong);
  const unsure = rows.flatMap((row) => unsureOf(row, find(row)) ?? []);
  const doubts = [...list.doubts.map((d) => d.text), ...unsure.map((text) => `${path}:${text}`)];
  return { list, devices: createListed(rows, find), doubts };
}

/** A device that is not known needs both names. */
function namelessIn({ number, vendor, model }: Row, { path, placeOf }: DeviceList): readonly Told[] {
  return (['vendor', 'model'] as const)
    .filter((name) => (name === 'vendor' ? vendor : model) === '')
    .map((name) => ({ row: number, text: `${path}:${number}: ${placeOf(name)}: is empty` }));
}

function unsureOf({ number, vendor, model }: Row, match: Match): string | null {
  const name = `${vendor} ${model}`.trim();
  if (match.kind === 'unclear') {
    const ids = match.candidates.map((c) => c.device.id).join(' or ');
    return `${number}: "${name}" may be ${ids}; it is taken for a device of its own. A column "id" says which it is.`;
  }
  if (match.kind !== 'matched' || match.confidence === 1) return null;
  return `${number}: "${name}" is taken for ${match.device.id} ("${match.name}", ${Math.floor(match.confidence * 100)} %)`;
}
