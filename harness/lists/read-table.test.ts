import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { afterAll, describe, expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import { encodeText } from './decode-text.ts';
import { parseTable, readTable } from './read-table.ts';
import type { Encoding, Table } from './table.ts';
import { renderZip } from './zip-file.ts';

const texts = ({ rows }: Table) => rows.map((row) => row.cells.map((cell) => cell.text));

function refusalOf(bytes: Buffer, name = 'list.xlsx'): string {
  try {
    parseTable(bytes, name);
  } catch (fault) {
    if (fault instanceof HarnessFault) return `${fault.message} → ${fault.advice}`;
    throw fault;
  }
  return 'none';
}

describe('text in columns', () => {
  const rows = [
    ['Hersteller', 'Modell', 'Ort'],
    ['Müller & Söhne', 'A; B, C\tD "19""', 'Büro Ø'],
    ['x', '', '€ 5'],
  ];
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const cases = (['utf-8', 'utf-8-bom', 'windows-1252', 'utf-16le', 'utf-16be'] as Encoding[]).flatMap((encoding) =>
    [',', ';', '\t'].map((delimiter) => ({ encoding, delimiter })),
  );
  test.each(cases)('%o', ({ encoding, delimiter }) => {
    const text = rows.map((row) => `${row.map(quote).join(delimiter)}\r\n`).join('');
    const table = parseTable(encodeText(text, encoding), 'list.csv');
    expect(texts(table)).toEqual(rows);
    expect(table.source).toMatchObject({ format: 'csv', encoding, delimiter, lineEnd: '\r\n' });
  });

  test('the bytes that Excel writes in Germany: Windows-1252, by its own table', () => {
    // 0x80 €, 0x84 and 0x93 „“, 0x96 –, 0xfc ü, 0xdf ß
    const bytes = Buffer.from('Modell;Hersteller\r\n\x80\x84\x93\x96;gr\xfc\xdf\r\n', 'latin1');
    expect(texts(parseTable(bytes, 'list.csv'))[1]).toEqual(['€„“–', 'grüß']);
    expect(encodeText('€„“–grüß → ő', 'windows-1252')).toEqual(
      Buffer.from('\x80\x84\x93\x96gr\xfc\xdf -> o', 'latin1'),
    );
  });

  test('UTF-16 without its mark', () => {
    const bytes = Buffer.from('vendor;model\nAcme;X1\n', 'utf16le');
    expect(texts(parseTable(bytes, 'a.csv'))[1]).toEqual(['Acme', 'X1']);
    expect(texts(parseTable(Buffer.from(bytes).swap16(), 'a.csv'))[1]).toEqual(['Acme', 'X1']);
  });

  test('commas in a title above the headings do not part the columns', () => {
    const text = 'Drucker, Kopierer, Scanner, Stand Mai\n\nHersteller;Modell\nAcme;X, Y\n';
    expect(texts(parseTable(Buffer.from(text), 'a.csv')).at(-1)).toEqual(['Acme', 'X, Y']);
  });

  test('sep= is an order to Excel and no row, but counts as one', () => {
    const table = parseTable(Buffer.from('sep=;\r\nmodel;vendor\r\nX;A, B\r\n'), 'a.csv');
    expect(table.rows.map((r) => [r.number, r.cells.length])).toEqual([
      [2, 2],
      [3, 2],
    ]);
  });
});

describe('workbooks', () => {
  const sheet = (data: SheetData) => writeExcelFile(data).toBuffer();
  const read = async (data: SheetData) => parseTable(await sheet(data), 'list.xlsx');

  test('what a spreadsheet program makes of what was typed is told', async () => {
    const { rows } = await read([
      [
        '1.10',
        1.1,
        { value: 1.1, format: '0.00' },
        { value: new Date('2026-10-01T00:00:00Z'), type: Date, format: 'dd.mm.yyyy' },
        true,
        { value: '=HYPERLINK("http://x","y")', type: 'Formula' },
        4_006_381_333_931,
        0.1 + 0.2,
      ],
    ]);
    expect(rows[0]?.cells).toEqual([
      { text: '1.10', kind: 'text', isFormula: false },
      { text: '1.1', kind: 'number', isFormula: false },
      { text: '1.10', kind: 'number', isFormula: false },
      { text: '2026-10-01', kind: 'date', isFormula: false },
      { text: 'TRUE', kind: 'boolean', isFormula: false },
      // Nothing has computed it yet.
      { text: '', kind: 'text', isFormula: true },
      { text: '4006381333931', kind: 'number', isFormula: false },
      { text: '0.3', kind: 'number', isFormula: false },
    ]);
  });

  test('a cell that is merged downwards stands in every row; one that is merged to the right does not', async () => {
    const table = await read([
      [{ value: 'Geräteliste', columnSpan: 2 }, null],
      ['Hersteller', 'Modell'],
      [{ value: 'Acme', rowSpan: 2 }, 'X1'],
      [null, 'X2'],
    ]);
    expect(texts(table)).toEqual([['Geräteliste'], ['Hersteller', 'Modell'], ['Acme', 'X1'], ['Acme', 'X2']]);
  });

  test('the sheet with the headings is taken, and the others are named', async () => {
    const bytes = await writeExcelFile([
      { data: [['Read me']], sheet: 'About' },
      {
        data: [
          ['Maker', 'Model'],
          ['Acme', 'X'],
        ],
        sheet: 'Devices',
      },
    ]).toBuffer();
    const table = parseTable(bytes, 'list.xlsx');
    expect(texts(table)[1]).toEqual(['Acme', 'X']);
    expect(table.remarks).toEqual(['the sheet "Devices" was read, and not "About"']);
  });

  test('a workbook that is called .csv, and text that is called .xlsx', async () => {
    const remark = 'whatever its name says, the file is ';
    const workbook = parseTable(
      await sheet([
        ['Maker', 'Model'],
        ['Acme', 'X'],
      ]),
      'list.csv',
    );
    expect([texts(workbook)[1], workbook.remarks]).toEqual([
      ['Acme', 'X'],
      [`${remark}an Excel workbook, and is read as such`],
    ]);
    const text = parseTable(Buffer.from('Maker;Model\nAcme;X\n'), 'list.xlsx');
    expect([texts(text)[1], text.remarks]).toEqual([['Acme', 'X'], [`${remark}text in columns, and is read as such`]]);
  });

  test('names of elements with a prefix, cells without a place, texts in runs, and no XML entities of its own', () => {
    const bytes = workbookOf(
      '<!DOCTYPE x [<!ENTITY e "expanded">]><x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:r><x:t>Ac</x:t></x:r>' +
        '<x:r><x:t>me &amp; &e;_x0041_</x:t></x:r><x:rPh><x:t>spoken</x:t></x:rPh></x:is></x:c><x:c t="n"><x:v>3000</x:v></x:c>' +
        '<x:c r="D1" t="e"><x:v>#N/A</x:v></x:c></x:row><x:row r="9"/></x:sheetData></x:worksheet>',
    );
    const { rows } = parseTable(bytes, 'list.xlsx');
    expect(rows.map((r) => r.number)).toEqual([1, 9]);
    expect(rows[0]?.cells.map((c) => [c.text, c.kind])).toEqual([
      ['Acme & &e;A', 'text'],
      ['3000', 'number'],
      ['', 'text'],
      ['#N/A', 'error'],
    ]);
  });
});

describe('what is no list is refused with what to do', () => {
  const cfb = Buffer.from('d0cf11e0a1b11ae1', 'hex');
  const bomb = () => renderZip(new Map([['xl/worksheets/sheet1.xml', Buffer.alloc(100_000_000)]]));
  test.each<[string, () => Buffer, RegExp]>([
    [
      '.xls',
      () => Buffer.concat([cfb, Buffer.alloc(600)]),
      /old Excel workbook \(\.xls\) → Open it .* save it as "Excel/,
    ],
    [
      '.xlsx with a password',
      () => Buffer.concat([cfb, Buffer.alloc(600), Buffer.from('EncryptedPackage', 'utf16le')]),
      /protected by a password → Take the password off/,
    ],
    [
      '.ods',
      () => renderZip(new Map([['mimetype', Buffer.from('application/vnd.oasis.opendocument.spreadsheet')]])),
      /OpenDocument file \(\.ods\) → /,
    ],
    ['.xlsb', () => renderZip(new Map([['xl/workbook.bin', Buffer.from('x')]])), /binary workbook \(\.xlsb\) → /],
    ['.xlsm', () => renderZip(new Map([['xl/vbaProject.bin', Buffer.from('x')]])), /holds macros \(\.xlsm\) → /],
    ['any ZIP', () => renderZip(new Map([['a.txt', Buffer.from('x')]])), /a ZIP file, but no Excel workbook → /],
    ['a ZIP that unpacks to 100 MB', bomb, /unpacks to more than 80 MB → Keep the sheet/],
    ['half a workbook', () => workbookOf('<worksheet/>').subarray(0, 300), /it is damaged → /],
    ['a page', () => Buffer.from('<html><table><tr><td>Model'), /a web page or XML, whatever its name says → /],
    ['a PDF', () => Buffer.from('%PDF-1.4'), /it is a PDF → /],
    [
      'a picture',
      () => Buffer.from('89504e470d0a1a0a0000000d49484452000000', 'hex'),
      /binary data and is no spreadsheet/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(refusalOf(bytes())).toMatch(message);
  });

  test('lengths that lie: the directory says one byte where there are 100 MB', () => {
    const bytes = bomb();
    const directory = bytes.lastIndexOf(Buffer.from('PK\u0001\u0002'));
    bytes.writeUInt32LE(1, directory + 24);
    expect(bytes.length).toBeLessThan(200_000);
    expect(refusalOf(bytes)).toMatch(/unpacks to more than 80 MB/);
  });

  const folder = mkdtempSync(join(tmpdir(), 'cutover-table-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  test('files that are not there, are folders, or are too long', () => {
    expect(() => readTable(join(folder, 'none.xlsx'))).toThrow('there is no such file');
    expect(() => readTable(folder)).toThrow('it is no file');
    writeFileSync(join(folder, 'long.csv'), Buffer.alloc(30_000_001, 'a'));
    expect(() => readTable(join(folder, 'long.csv'))).toThrow('it has more than 30 MB');
  });
});

/** The least that a workbook needs, around the XML of its sheet. */
function workbookOf(sheetXml: string): Buffer {
  const relation = (id: string, type: string, target: string) =>
    `<Relationships><Relationship Id="${id}" Type="http://x/${type}" Target="${target}"/></Relationships>`;
  const parts: readonly (readonly [string, string])[] = [
    ['_rels/.rels', relation('r1', 'officeDocument', 'xl/workbook.xml')],
    ['xl/workbook.xml', '<workbook><sheets><sheet name="S" sheetId="1" r:id="r2"/></sheets></workbook>'],
    ['xl/_rels/workbook.xml.rels', relation('r2', 'worksheet', 'worksheets/sheet1.xml')],
    ['xl/worksheets/sheet1.xml', sheetXml],
  ];
  return renderZip(new Map(parts.map(([name, xml]) => [name, Buffer.from(xml)])));
}
