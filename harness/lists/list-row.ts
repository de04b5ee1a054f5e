import { type Device, KINDS } from '../vocabulary/device.ts';
import {
  type Direction,
  ENDPOINTS,
  Id,
  type Port,
  type Protocol,
  PROTOCOLS,
  SECURITIES,
  type Security,
  type Setting,
} from '../vocabulary/trial.ts';
import type { ListColumn } from './list-header.ts';
import type { TableCell } from './table.ts';

/** One row of a list, read. */
export interface Row {
  /** From 1, as spreadsheet programs number it. */
  readonly number: number;
  /** Of a device file; "" for none. */
  readonly id: string;
  /** "": the row does not say. */
  readonly vendor: string;
  /** "" only where there is an id. */
  readonly model: string;
  readonly place: string;
  readonly inventory: string;
  readonly kind: Device['kind'] | null;
  readonly firmware: string | null;
  readonly direction: Direction | null;
  /** null: the row names none. */
  readonly setting: Setting | null;
}

export type Report = (column: ListColumn, what: string) => void;

/** In characters; a page shows them on a telephone. */
const MAX_TEXT = 100;
/** Nothing of a list steers a terminal or turns text around. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** One row of a list; null when something is wrong, which is reported. `doubt` is told what is read, but may be wrong. */
export function readRow(
  cells: ReadonlyMap<ListColumn, TableCell>,
  report: Report,
  doubt: Report,
): Omit<Row, 'number'> | null {
  let isSound = true;
  const wrong: Report = (column, what) => {
    isSound = false;
    report(column, what);
  };
  const read = (column: ListColumn) => readText(cells.get(column), column, wrong, doubt);
  const [id, vendor, model] = [read('id'), read('vendor'), read('model')];
  if (id !== '' && !Id.safeParse(id).success) wrong('id', `${JSON.stringify(id)} is none: small letters, digits, "-"`);
  if (id === '' && model === '') wrong('model', 'is empty');
  const direction = choose(read('direction'), DIRECTION_WORDS, 'direction', wrong);
  const firmware = readFirmware(cells.get('firmware'), read('firmware'), doubt);
  if (firmware !== null && /[/\\]|^\./.test(firmware))
    wrong('firmware', 'has no / and no \\, and does not begin with a dot');
  if ((firmware?.length ?? 0) > MAX_VERSION) wrong('firmware', `is longer than ${MAX_VERSION} characters`);
  const row = {
    id,
    vendor,
    model,
    place: read('place'),
    inventory: read('inventory'),
    // Inventories have kinds of their own, and what a device is called decides nothing.
    kind: choose(read('kind'), KIND_WORDS, 'kind', doubt),
    firmware,
    direction,
    setting: readSetting(read, direction, wrong),
  };
  return isSound ? row : null;
}

/** As device files have it. */
const MAX_VERSION = 80;

/** What spreadsheet programs do to versions: 1.10 becomes 1.1, or the tenth of January or the first of October. */
function readFirmware(cell: TableCell | undefined, text: string, doubt: Report): string | null {
  if (text === '') return null;
  if (cell?.kind === 'date' || DAY.test(text)) {
    doubt('firmware', `${JSON.stringify(text)} is a date, which a spreadsheet program makes of 1.10; ${AS_TEXT}`);
    return null;
  }
  if (cell?.kind === 'number' && text.includes('.'))
    doubt('firmware', `is the number ${text}, which a spreadsheet program also makes of ${text}0; ${AS_TEXT}`);
  return text;
}

const AS_TEXT = 'format the column as text and enter it again';
const DAY =
  /^(?:\d{1,2}[. -]{1,2}(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\.?|(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*[. -]{1,2}\d{2,4})$/i;

/** What people only read may be shortened. */
const CUTTING: ReadonlySet<ListColumn> = new Set(['place', 'inventory']);

function readText(cell: TableCell | undefined, column: ListColumn, wrong: Report, doubt: Report): string {
  const whole = (cell?.text ?? '').replaceAll(/[\s]+/g, ' ').trim();
  const text = CUTTING.has(column) && whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT - 1)}…` : whole;
  if (text.length > MAX_TEXT) wrong(column, `is longer than ${MAX_TEXT} characters`);
  if (UNPRINTABLE.test(text) || !text.isWellFormed()) wrong(column, 'holds characters that cannot be seen');
  if (cell?.kind === 'error') wrong(column, `holds an error of the spreadsheet (${text.slice(0, 20)})`);
  if (text.startsWith('=')) wrong(column, 'is a formula, and formulas are not computed; enter what it stands for');
  else if (cell?.isFormula === true) doubt(column, 'is a formula; what it gave last is read');
  if (cell?.kind === 'date' && column !== 'firmware') doubt(column, 'is a date; format it as text if it is none');
  return text;
}

/** What the row leaves out follows from what it names; a row that names nothing has no setting. */
function readSetting(read: (column: ListColumn) => string, direction: Direction | null, wrong: Report): Setting | null {
  const [port, host] = [read('port'), read('host')];
  const endpoint = ENDPOINTS.find((e) => String(e.port) === port);
  if (port !== '' && endpoint === undefined)
    wrong('port', `${JSON.stringify(port)} is none of ${ENDPOINTS.map((e) => e.port).join(', ')}`);
  const named = choose(read('protocol'), PROTOCOL_WORDS, 'protocol', wrong);
  const protocol = named ?? endpoint?.protocol ?? (direction === 'fetch' ? 'imap' : 'smtp');
  if (endpoint !== undefined && endpoint.protocol !== protocol)
    wrong('port', `${port} is a port of ${endpoint.protocol.toUpperCase()}, not of ${protocol.toUpperCase()}`);
  if (direction !== null && (protocol === 'smtp') !== (direction === 'send'))
    wrong('direction', `${protocol.toUpperCase()} does not ${direction}`);
  const security = readSecurity(read('security'), endpoint?.tls, wrong);
  if (port === '' && named === null && security === null && host === '') return null;
  const safe = security ?? endpoint?.tls ?? 'starttls';
  const at = endpoint?.port ?? usualPort(protocol, safe);
  const prefix = protocol === 'smtp' ? '' : `${protocol}-`;
  return { id: `${prefix}${safe}-${at}`, protocol, port: at, security: safe, ...(host === '' ? {} : { host }) };
}

/** Many devices say just "TLS" for either: the port tells which. */
function readSecurity(text: string, tls: 'starttls' | 'implicit' | undefined, wrong: Report): Security | null {
  if (text.toLowerCase() === 'tls') return tls ?? 'starttls';
  return choose(text, SECURITY_WORDS, 'security', wrong);
}

function usualPort(protocol: Protocol, security: Security): Port {
  const tls = security === 'implicit' ? 'implicit' : 'starttls';
  return ENDPOINTS.find((e) => e.protocol === protocol && e.tls === tls)?.port ?? 587;
}

function choose<T extends string>(
  text: string,
  words: Readonly<Record<T, readonly string[]>>,
  column: ListColumn,
  wrong: Report,
): T | null {
  if (text === '') return null;
  const said = text.toLowerCase();
  const all = Object.entries<readonly string[]>(words);
  const found = all.find(([key, others]) => key === said || others.includes(said));
  if (found === undefined) wrong(column, `${JSON.stringify(text)} is none of ${all.map(([key]) => key).join(', ')}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key of the record
  return (found?.[0] ?? null) as T | null;
}

const DIRECTION_WORDS: Readonly<Record<Direction, readonly string[]>> = {
  send: ['senden', 'versand', 'sendet'],
  fetch: ['receive', 'abrufen', 'abruf', 'empfang', 'empfangen'],
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one key for each
const PROTOCOL_WORDS = { ...wordsOf(PROTOCOLS), pop3: ['pop'] } as Readonly<Record<Protocol, readonly string[]>>;
const SECURITY_WORDS: Readonly<Record<Security, readonly string[]>> = {
  ...wordsOf(SECURITIES),
  implicit: ['ssl', 'ssl/tls', 'tls/ssl', 'ssl-tls', 'smtps', 'imaps', 'pop3s'],
  starttls: ['starttls (tls)', 'tls (starttls)'],
  plaintext: ['none', 'off', 'no', 'keine', 'aus', 'nein', 'ohne', 'unverschlüsselt', 'unencrypted'],
  opportunistic: ['auto', 'automatic', 'automatisch', 'if available', 'falls verfügbar', 'tls, falls verfügbar'],
};
const KIND_WORDS: Readonly<Record<Device['kind'], readonly string[]>> = {
  ...wordsOf(KINDS),
  mfp: ['multifunktionsdrucker', 'multifunktionsgerät', 'kopierer', 'scanner', 'multifunction printer', 'copier'],
  printer: ['drucker'],
  fax: ['faxgerät'],
  camera: ['kamera', 'netzwerkkamera', 'ip-kamera'],
  pbx: ['telefonanlage'],
  ups: ['usv'],
  doorstation: ['türstation', 'türsprechanlage'],
  'alarm-panel': ['alarmanlage'],
  plc: ['sps', 'steuerung'],
};

function wordsOf<T extends string>(keys: readonly T[]): Record<T, readonly string[]> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one entry for each key
  return Object.fromEntries(keys.map((key) => [key, []])) as unknown as Record<T, readonly string[]>;
}
