import type { Device } from '../../vocabulary/device.ts';
import type { Direction, Setting } from '../../vocabulary/trial.ts';

/** Headings of a list, in both languages; the first is how problems name it. */
const HEADINGS = {
  vendor: ['vendor', 'maker', 'manufacturer', 'hersteller', 'marke'],
  model: ['model', 'device', 'modell', 'gerät', 'geraet', 'typ'],
  place: ['place', 'location', 'room', 'ort', 'standort', 'raum'],
  inventory: ['inventory', 'inventory number', 'asset', 'inventar', 'inventarnummer', 'nummer'],
  kind: ['kind', 'category', 'art', 'geräteart', 'kategorie'],
  firmware: ['firmware', 'version', 'firmwareversion'],
  direction: ['direction', 'richtung'],
  protocol: ['protocol', 'protokoll'],
  port: ['port'],
  security: ['security', 'encryption', 'sicherheit', 'verschlüsselung', 'verschluesselung'],
  host: ['host', 'server', 'mail server', 'mailserver'],
} as const;
export type ListColumn = keyof typeof HEADINGS;

export interface Cell {
  readonly text: string;
  /** From 1. */
  readonly at: number;
}

/** One row, read. */
export interface Row {
  readonly line: number;
  readonly vendor: string;
  readonly model: string;
  readonly place: string;
  readonly inventory: string;
  readonly kind: Device['kind'] | null;
  readonly firmware: string | null;
  readonly direction: Direction | null;
  /** null: the row names none. */
  readonly setting: Setting | null;
}

/** Which column stands where. Tells of headings that are unknown, there twice, or missing. */
export function readHeader(
  headings: readonly string[],
  report: (heading: string, what: string) => void,
): ReadonlyMap<number, ListColumn> {
  const columns = new Map<number, ListColumn>();
  for (const [at, heading] of headings.entries()) {
    const name = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_-]+/g, ' ');
    const column = COLUMNS.find((one) => HEADINGS[one].some((word) => word === name));
    if (column === undefined) {
      // A column that is empty throughout, as spreadsheets leave at the right.
      if (name !== '') report(`column ${at + 1}`, `unknown heading ${JSON.stringify(heading.trim().slice(0, 40))}`);
    } else if ([...columns.values()].includes(column)) report(`column ${at + 1}`, `a second column for ${column}`);
    else columns.set(at, column);
  }
  for (const needed of ['vendor', 'model'] as const)
    if (![...columns.values()].includes(needed))
      report(needed, `there is no column for it (${HEADINGS[needed].join(', ')})`);
  return columns;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a literal
const COLUMNS = Object.keys(HEADINGS) as readonly ListColumn[];
