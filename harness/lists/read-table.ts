import { readFileSync, statSync } from 'node:fs';
import { parseCsv } from './csv-table.ts';
import { decodeText } from './decode-text.ts';
import { unreadableList } from './list-fault.ts';
import type { Table } from './table.ts';
import { parseXlsx } from './xlsx-table.ts';
import { parseZip, type Refusal } from './zip-file.ts';

/** A list of 50,000 devices with a dozen columns has 5 MB, and unpacked 40 MB. */
const MAX_BYTES = 30_000_000;
const MAX_UNPACKED = 80_000_000;

/**
 * Reads a spreadsheet: .xlsx, or text in columns, which is told by what the file holds and not by its name.
 *
 * @throws HarnessFault `list-unreadable` for anything else, with what to do; `list-invalid` for a CSV with an open quote.
 */
export function readTable(path: string): Table {
  return parseTable(readBytes(path), path);
}

export function parseTable(bytes: Buffer, path: string): Table {
  const refuse = (why: string, advice: string) => unreadableList(path, why, advice);
  const kind = KINDS.find(({ begins }) => bytes.subarray(0, begins.length).equals(begins));
  if (kind?.name === 'zip') return renamed(parsePackage(bytes, refuse), path, /\.xlsx$/i, 'an Excel workbook');
  if (kind?.name === 'ole') {
    const isLocked = bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'));
    throw isLocked ? refuse(LOCKED, UNLOCK) : refuse('it is an old Excel workbook (.xls)', SAVE_AS);
  }
  if (kind !== undefined) throw refuse(`it is ${kind.name}`, SAVE_AS);
  const decoded = decodeText(bytes);
  if (decoded === null) throw refuse('it holds binary data and is no spreadsheet that we know', SAVE_AS);
  if (/^\s*<(?:!doctype|html|\?xml|table|meta)\b/i.test(decoded.text))
    throw refuse('it is a web page or XML, whatever its name says', SAVE_AS);
  return renamed(parseCsv(decoded.text, path, decoded.encoding), path, /\.(?:csv|tsv|txt)$/i, 'text in columns');
}

const SAVE_AS = 'Open it in the spreadsheet program and save it as "Excel workbook (.xlsx)" or as "CSV UTF-8".';
const LOCKED = 'it is protected by a password';
const UNLOCK = 'Take the password off in Excel (File > Info > Protect Workbook > Encrypt with Password), and save it.';
const KINDS = [
  { name: 'zip', begins: Buffer.from('PK\u0003\u0004') },
  // What [MS-CFB] files begin with: .xls, and .xlsx with a password ([MS-OFFCRYPTO]).
  { name: 'ole', begins: Buffer.from('d0cf11e0a1b11ae1', 'hex') },
  { name: 'a PDF', begins: Buffer.from('%PDF') },
  { name: 'a compressed file (gzip)', begins: Buffer.from('1f8b', 'hex') },
];

function parsePackage(bytes: Buffer, refuse: (why: string, advice: string) => Error): Table {
  const zip = parseZip(bytes, MAX_UNPACKED);
  if (zip.kind === 'refused') throw refuse(...REFUSALS[zip.why]);
  const { parts } = zip;
  const type = parts.get('mimetype')?.toString('latin1') ?? '';
  if (type.includes('opendocument')) throw refuse('it is an OpenDocument file (.ods)', SAVE_AS);
  if (parts.has('xl/workbook.bin')) throw refuse('it is a binary workbook (.xlsb)', SAVE_AS);
  if (parts.has('xl/vbaProject.bin')) throw refuse('it holds macros (.xlsm)', SAVE_AS);
  const table = parseXlsx(parts);
  if (table === null) throw refuse('it is a ZIP file, but no Excel workbook', SAVE_AS);
  return table;
}

const REFUSALS: Readonly<Record<Refusal, readonly [string, string]>> = {
  damaged: ['it is damaged', 'Copy it again, or open it in Excel, let it be repaired, and save it.'],
  encrypted: [LOCKED, UNLOCK],
  'too-large': [
    `it unpacks to more than ${MAX_UNPACKED / 1_000_000} MB`,
    'Keep the sheet with the list and delete the others, or make several lists of it.',
  ],
};

function renamed(table: Table, path: string, expected: RegExp, is: string): Table {
  if (expected.test(path)) return table;
  return { ...table, remarks: [`whatever its name says, the file is ${is}, and is read as such`, ...table.remarks] };
}

function readBytes(path: string): Buffer {
  const check = 'Check the path and its permissions.';
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw unreadableList(path, 'it is no file', 'Give a spreadsheet.');
    if (stats.size > MAX_BYTES)
      throw unreadableList(path, `it has more than ${MAX_BYTES / 1_000_000} MB`, 'Make several lists of it.');
    return readFileSync(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) throw cause;
    throw unreadableList(path, cause.code === 'ENOENT' ? 'there is no such file' : cause.message, check, cause);
  }
}
