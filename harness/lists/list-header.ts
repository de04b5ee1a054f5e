/** Headings of a list, in both languages; the first is how problems name it. */
const HEADINGS = {
  id: ['id', 'device id', 'geräte id', 'geraete id', 'kennung', 'gerätekennung'],
  vendor: ['vendor', 'maker', 'manufacturer', 'brand', 'hersteller', 'marke', 'fabrikat'],
  model: ['model', 'modell', 'modellbezeichnung', 'model name'],
  place: ['place', 'location', 'room', 'site', 'ort', 'standort', 'raum', 'aufstellort'],
  inventory: [
    'inventory',
    'inventory number',
    'asset',
    'asset tag',
    'inventar',
    'inventarnummer',
    'inventarnr',
    'inventar nr',
    'inv nr',
  ],
  kind: ['kind', 'category', 'device type', 'art', 'geräteart', 'kategorie', 'gerätetyp', 'geraeteart'],
  firmware: ['firmware', 'firmwareversion', 'firmware version', 'firmwarestand', 'fw'],
  direction: ['direction', 'richtung'],
  protocol: ['protocol', 'protokoll'],
  port: ['port'],
  security: ['security', 'encryption', 'sicherheit', 'verschlüsselung', 'verschluesselung'],
  host: ['host', 'server', 'mail server', 'mailserver'],
} as const;
export type ListColumn = keyof typeof HEADINGS;

/** What these columns are called where no column bears a better name: beside "Model", a "Device" is something else. */
const WEAK: Readonly<Partial<Record<ListColumn, readonly string[]>>> = {
  model: ['device', 'gerät', 'geraet', 'typ', 'type', 'bezeichnung', 'produkt', 'product'],
  inventory: ['nummer', 'number'],
  firmware: ['version'],
};

/** Columns that we add are called so, and found again by it. */
export const OWN_PREFIX = 'Cutover: ';

export interface Header {
  /** By column, from 0. */
  readonly columns: ReadonlyMap<number, ListColumn>;
  /** Columns that are kept and not read. */
  readonly unknown: readonly { readonly at: number; readonly heading: string }[];
  /** Two columns that could be the same one, or a missing one: what, and at which column. */
  readonly problems: readonly { readonly at: number | null; readonly column: ListColumn; readonly what: string }[];
}

/** Which column stands where. */
export function readHeader(headings: readonly string[]): Header {
  const columns = new Map<number, ListColumn>();
  const problems: Header['problems'][number][] = [];
  for (const words of [HEADINGS, WEAK]) {
    const before = new Set(columns.values());
    for (const [at, heading] of headings.entries()) {
      const column = columns.has(at) ? undefined : columnOf(heading, words);
      if (column === undefined || before.has(column)) continue;
      if ([...columns.values()].includes(column)) problems.push({ at, column, what: `a second column for ${column}` });
      else columns.set(at, column);
    }
  }
  const found = new Set(columns.values());
  // Beside nothing else about mail, a host is the device's own name in the network.
  if (!SAYING_SETTING.some((column) => found.has(column)))
    for (const [at, column] of columns) if (column === 'host') columns.delete(at);
  if (!found.has('id') && !found.has('model'))
    problems.push({ at: null, column: 'model', what: `there is no column for it (${HEADINGS.model.join(', ')})` });
  const unknown = [...headings.entries()]
    .map(([at, heading]) => ({ at, heading: heading.trim() }))
    .filter(({ at, heading }) => heading !== '' && !columns.has(at) && !heading.startsWith(OWN_PREFIX))
    .filter(({ at }) => !problems.some((p) => p.at === at));
  return { columns, unknown, problems };
}

const SAYING_SETTING: readonly ListColumn[] = ['protocol', 'port', 'security'];

/** In how many rows the headings are looked for: titles may stand above them. */
export const ROWS_WITH_HEADINGS = 20;

/** How many of a row's cells are headings that we know. */
export function countHeadings(cells: readonly string[]): number {
  return cells.filter((cell) => columnOf(cell, HEADINGS) !== undefined || columnOf(cell, WEAK) !== undefined).length;
}

function columnOf(heading: string, words: Readonly<Partial<Record<ListColumn, readonly string[]>>>) {
  const whole = fold(heading);
  // "Firmware (as of March)", "Vendor / Brand", "Model *"
  const forms = [whole, fold(heading.replace(/[(/].*$/s, ''))];
  return COLUMNS.find((column) => words[column]?.some((word) => forms.includes(word)));
}

function fold(heading: string): string {
  return heading
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_.*:-]+/g, ' ')
    .trim();
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a literal
const COLUMNS = Object.keys(HEADINGS) as readonly ListColumn[];
