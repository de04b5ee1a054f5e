import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import readExcelFile from 'read-excel-file/node';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { encodeText } from './decode-text.ts';
import { renderAnswered } from './give-back.ts';
import { parseList } from './read-list.ts';
import { parseTable } from './read-table.ts';
import type { Encoding } from './table.ts';
import { parseZip, renderZip } from './zip-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-back-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A list with two columns added: one text for each row, and one for the first row only. */
function answer(bytes: Buffer, name: string, text = 'nach Änderung') {
  const list = parseList(parseTable(bytes, name), name);
  const numbers = list.rows.map((row) => row.number);
  return renderAnswered(list, [
    { heading: 'Senden', texts: new Map(numbers.map((n) => [n, `${text} ${n}`])) },
    { heading: 'Hinweis', texts: new Map(numbers.slice(0, 1).map((n) => [n, '=1+1'])) },
  ]).bytes;
}

const textsOf = (bytes: Buffer, name: string) =>
  parseTable(bytes, name).rows.map((row) => row.cells.map((cell) => cell.text));

describe('a CSV', () => {
  test('keeps encoding, separator, line ends, order, empty rows and what stands above the headings', () => {
    const text =
      'Stand;Mai\r\n\r\nStandort;Modell;Hersteller;Preis\r\nBüro;X1;"A;B";-5,00\r\n\r\nFlur;X2;A;+49 30 1\r\n';
    const back = answer(encodeText(text, 'windows-1252'), 'list.csv');
    expect(new TextDecoder('windows-1252').decode(back)).toBe(
      'Stand;Mai\r\n\r\nStandort;Modell;Hersteller;Preis;Cutover: Senden;Cutover: Hinweis\r\n' +
        'Büro;X1;"A;B";-5,00;nach Änderung 4;\'=1+1\r\n\r\nFlur;X2;A;+49 30 1;nach Änderung 6;\r\n',
    );
  });

  test('nothing in it runs as a formula, and what was escaped before is not escaped twice', () => {
    const cells = ['=HYPERLINK("http://x")', '@SUM(A1)', "-2+cmd|' /C calc'!A0", '\t=1', '＝1', "'=1", "'O"];
    const quoted = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`);
    const back = answer(Buffer.from(`Maker;Model;a;b;c;d;e;f;g\nAcme;X;${quoted.join(';')}\n`), 'list.csv');
    const [, row = ''] = back.toString().split('\n');
    expect(row).toBe(
      `Acme;X;"'=HYPERLINK(""http://x"")";'@SUM(A1);'-2+cmd|' /C calc'!A0;'\t=1;'＝1;'=1;'O;nach Änderung 2;'=1+1`,
    );
    expect(textsOf(back, 'list.csv')[1]?.slice(2, 9)).toEqual([...cells.slice(0, 5), '=1', "'O"]);
  });

  test('given again, the columns of the answer before are written over', () => {
    const once = answer(Buffer.from('Maker;Model;Note\nAcme;X;n\n'), 'list.csv', 'old');
    const twice = answer(once, 'list.csv', 'new');
    // Excel takes text without a mark for Windows-1252.
    expect(twice.toString()).toBe("\uFEFFMaker;Model;Note;Cutover: Senden;Cutover: Hinweis\nAcme;X;n;new 2;'=1+1\n");
  });
});

const ENCODINGS: readonly Encoding[] = ['utf-8', 'utf-8-bom', 'windows-1252', 'utf-16le', 'utf-16be'];
/** What Windows-1252 has, too; quotes, separators and line ends among them. */
const cell = fc.string({ unit: fc.constantFrom(...Array.from('aB1 ,;\t"\'=+-@äß€„\n')), maxLength: 8 });

test('any table that is given back parses to the same cells, and an independent reader finds them as well', () => {
  const table = fc.record({
    rows: fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
    encoding: fc.constantFrom(...ENCODINGS),
    delimiter: fc.constantFrom(',', ';', '\t'),
  });
  const seen: { readonly path: string; readonly encoding: string; readonly cells: readonly (readonly string[])[] }[] =
    [];
  fc.assert(
    fc.property(table, ({ rows, encoding, delimiter }) => {
      const all = [['Maker', 'Model', 'a', 'b', 'c'], ...rows.map((row) => ['Acme', 'X', ...row])];
      const quoted = all.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter));
      const bytes = encodeText(`${quoted.join('\n')}\n`, encoding);
      const before = textsOf(bytes, 'a.csv');
      const back = answer(bytes, 'a.csv');
      const after = textsOf(back, 'a.csv');
      expect(after.map((row) => row.slice(0, 5))).toEqual(before);
      expect(after.slice(1).map((row) => row[5])).toEqual(rows.map((_, i) => `nach Änderung ${i + 2}`));
      const path = join(folder, `${seen.length}.csv`);
      writeFileSync(path, back);
      // Two letters of Windows-1252 may also be one of UTF-8: no reader can tell.
      const { source } = parseTable(back, 'a.csv');
      const written = source.format === 'csv' ? source.encoding : encoding;
      seen.push({ path: JSON.stringify([path, delimiter]), encoding: PYTHON_NAMES[written], cells: after });
    }),
    { numRuns: 60, seed: 6 },
  );
  // Escaped cells begin with an apostrophe, which belongs to the file and not to the text.
  const plain = (cells: readonly (readonly string[])[]) =>
    cells.map((row) => row.map((text) => text.replace(/^'+/, '')));
  const asked = JSON.stringify(
    seen.map(({ path, encoding }) => [...z.array(z.string()).parse(JSON.parse(path)), encoding]),
  );
  const read = z
    .array(z.array(z.array(z.string())))
    .parse(JSON.parse(execFileSync('python3', ['-c', READ_CSV, asked]).toString()));
  expect(read.map(plain)).toEqual(seen.map(({ cells }) => plain(cells)));
});

const PYTHON_NAMES: Readonly<Record<Encoding, string>> = {
  'utf-8': 'utf-8',
  'utf-8-bom': 'utf-8-sig',
  'windows-1252': 'cp1252',
  'utf-16le': 'utf-16',
  'utf-16be': 'utf-16',
};
const READ_CSV = `
import csv, json, sys
print(json.dumps([list(csv.reader(open(p, encoding=e, newline=''), delimiter=d)) for p, d, e in json.loads(sys.argv[1])]))`;

describe('a workbook', () => {
  const data: SheetData = [
    [{ value: 'Stand Mai', columnSpan: 3 }, null, null],
    ['Hersteller', 'Modell', 'Preis', 'Gekauft', 'Summe'],
    [
      { value: 'Acme', rowSpan: 2 },
      'X1',
      1.5,
      { value: new Date('2019-03-01T00:00:00Z'), type: Date, format: 'dd.mm.yyyy' },
    ],
    [
      null,
      'X & <2>',
      { value: 'SUM(C3:C3)', type: 'Formula' },
      null,
      { value: 'HYPERLINK("http://x","click")', type: 'Formula' },
    ],
  ];
  const make = () =>
    writeExcelFile([
      { data, sheet: 'Geräte', columns: [{ width: 20 }, { width: 9 }] },
      { data: [['other sheet']], sheet: 'Anderes' },
    ]).toBuffer();

  test('keeps cells, sheets, formulas and merged cells; another reader finds the added texts', async () => {
    const before = await make();
    const back = answer(before, 'list.xlsx');
    const [sheet, other] = await readExcelFile(back);
    const [old] = await readExcelFile(before);
    expect(other?.data).toEqual([['other sheet']]);
    expect(sheet?.data.map((row) => row.slice(5))).toEqual([
      [null, null],
      ['Cutover: Senden', 'Cutover: Hinweis'],
      ['nach Änderung 3', '=1+1'],
      ['nach Änderung 4', null],
    ]);
    const kept = (rows: typeof sheet) => rows?.data.map((row) => row.slice(0, 4));
    expect(kept(sheet)).toEqual(kept(old));
    const xml = partOf(back, 'xl/worksheets/sheet1.xml');
    expect(xml).toContain('SUM(C3:C3)</f>');
    expect(xml).toContain('<mergeCell ref="A3:A4"/>');
    // A link is shown and not clicked.
    expect(xml).not.toMatch(/<f[^>]*>[^<]*HYPERLINK/);
    expect(sheet?.data[3]?.[4]).toBe('=HYPERLINK("http://x","click")');
  });

  test('given again, the columns of the answer before are written over', async () => {
    const twice = answer(answer(await make(), 'list.xlsx', 'old'), 'list.xlsx', 'new');
    const [sheet] = await readExcelFile(twice);
    expect(sheet?.data.map((row) => row.slice(5))).toEqual([
      [null, null],
      ['Cutover: Senden', 'Cutover: Hinweis'],
      ['new 3', '=1+1'],
      ['new 4', null],
    ]);
  });

  test('cells that share a formula with a link become texts as well, and the list of cells to compute goes', async () => {
    const zip = parseZip(await make(), 10_000_000);
    if (zip.kind === 'refused') throw new Error(zip.why);
    const shared =
      '<row r="5"><c r="A5" t="str"><f t="shared" ref="A5:A6" si="0">HYPERLINK("http://x")</f><v>one</v></c></row>' +
      '<row r="6"><c r="A6" t="str"><f t="shared" si="0"/><v>two</v></c><c r="B6"><v>7</v></c></row></sheetData>';
    const parts = new Map(zip.parts);
    const edit = (name: string, from: string, to: string) =>
      parts.set(name, Buffer.from((parts.get(name)?.toString() ?? '').replace(from, to)));
    edit('xl/worksheets/sheet1.xml', '</sheetData>', shared);
    edit('[Content_Types].xml', '</Types>', '<Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>');
    edit(
      'xl/_rels/workbook.xml.rels',
      '</Relationships>',
      '<Relationship Id="c" Type="x/calcChain" Target="calcChain.xml"/></Relationships>',
    );
    parts.set('xl/calcChain.xml', Buffer.from('<calcChain><c r="A5" i="1"/></calcChain>'));
    const back = answer(renderZip(parts), 'list.xlsx');
    expect((await readExcelFile(back))[0]?.data.slice(4).map((row) => row.slice(0, 2))).toEqual([
      ['=HYPERLINK("http://x")', null],
      ['two', 7],
    ]);
    const after = parseZip(back, 10_000_000);
    if (after.kind === 'refused') throw new Error(after.why);
    const leftovers = [...after.parts].filter(([name, content]) =>
      `${name} ${content.toString()}`.includes('calcChain'),
    );
    expect(leftovers.map(([name]) => name)).toEqual([]);
  });

  test('any texts come back from another reader as they went in', async () => {
    const text = fc
      .string({ unit: fc.constantFrom(...Array.from('aB1 ,"\'=<>&_x0041_ä€\n🖨')), maxLength: 10 })
      .filter((t) => t.trim() === t);
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), text, async (notes, added) => {
        const rows: SheetData = [['Maker', 'Model', 'Note'], ...notes.map((note) => ['Acme', 'X', note])];
        const bytes = await writeExcelFile(rows).toBuffer();
        const list = parseList(parseTable(bytes, 'a.xlsx'), 'a.xlsx');
        const texts = new Map(list.rows.map((row) => [row.number, added]));
        const back = renderAnswered(list, [{ heading: 'Note', texts }]).bytes;
        const own = textsOf(back, 'a.xlsx').slice(1);
        expect(own.map((row) => row[2] ?? '')).toEqual(
          textsOf(bytes, 'a.xlsx')
            .slice(1)
            .map((row) => row[2] ?? ''),
        );
        expect(own.map((row) => row[3] ?? '')).toEqual(notes.map(() => added));
        const [sheet] = await readExcelFile(back, { trim: false });
        const unescaped = (value: unknown) => (typeof value === 'string' ? value.replaceAll('_x005F_', '_') : '');
        expect(sheet?.data.slice(1).map((row) => unescaped(row[3]))).toEqual(notes.map(() => added));
      }),
      { numRuns: 25, seed: 6 },
    );
  });

  test('openpyxl, which knows the format well, opens it and finds the same', async (t) => {
    const path = join(folder, 'back.xlsx');
    writeFileSync(path, answer(await make(), 'list.xlsx'));
    // Debian's package belongs to Debian's Python, which need not be the first in PATH.
    const has = (one: string) => spawnSync(one, ['-c', 'import openpyxl']).status === 0;
    const python = ['python3', '/usr/bin/python3'].find(has);
    if (python === undefined) {
      console.warn('skipped: python3-openpyxl is not installed');
      t.skip();
      return;
    }
    const { status, stdout, stderr } = spawnSync(python, ['-c', READ_XLSX, path], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      sheets: ['Geräte', 'Anderes'],
      dimension: 'A1:G4',
      merged: ['A1:C1', 'A3:A4'],
      heading: 'Cutover: Senden',
      cells: ['X & <2>', '=SUM(C3:C3)', '=HYPERLINK("http://x","click")', 'nach Änderung 4'],
      types: ['f', 's'],
      width: 28,
    });
  });
});

const READ_XLSX = `
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
sheet = book.worksheets[0]
print(json.dumps({
  'sheets': book.sheetnames,
  'dimension': sheet.dimensions,
  'merged': sorted(str(r) for r in sheet.merged_cells.ranges),
  'heading': sheet['F2'].value,
  'cells': [sheet[c].value for c in ('B4', 'C4', 'E4', 'F4')],
  'types': [sheet[c].data_type for c in ('C4', 'E4')],
  'width': sheet.column_dimensions['F'].width,
}))`;

function partOf(bytes: Buffer, name: string): string {
  const zip = parseZip(bytes, 10_000_000);
  return zip.kind === 'refused' ? zip.why : (zip.parts.get(name)?.toString() ?? '');
}
