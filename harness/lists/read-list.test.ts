import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { describe, expect, test } from 'vitest';
import type { ListColumn } from './list-header.ts';
import { parseList } from './read-list.ts';
import { parseTable } from './read-table.ts';

const csv = (text: string) => parseList(parseTable(Buffer.from(text), 'l.csv'), 'l.csv');
const xlsx = async (data: SheetData) =>
  parseList(parseTable(await writeExcelFile(data).toBuffer(), 'l.xlsx'), 'l.xlsx');
const told = (list: readonly { readonly text: string }[]) => list.map((one) => one.text);

describe('headings', () => {
  test.each<[string, readonly (ListColumn | null)[]]>([
    ['Hersteller;Modell;Firmware;Standort', ['vendor', 'model', 'firmware', 'place']],
    ['ORT;Inventar-Nr.;Modell *;Marke:;Firmware (Stand Mai)', ['place', 'inventory', 'model', 'vendor', 'firmware']],
    ['Location,Model,Manufacturer / Brand', ['place', 'model', 'vendor']],
    // Beside a model, a device is something else; without one it is the model.
    ['Gerät;Modell;Typ', [null, 'model', null]],
    ['Gerät;Hersteller', ['model', 'vendor']],
    // The device's own name in the network is no mail server.
    ['Modell;Host;IP', ['model', null, null]],
    ['Modell;Server;Port', ['model', 'host', 'port']],
  ])('%s', (heading, expected) => {
    const list = csv(`${heading}\n${expected.map(() => 'x1').join(heading.includes(';') ? ';' : ',')}\n`);
    for (const [i, column] of expected.entries())
      if (column !== null) expect(list.placeOf(column)).toBe(`column ${i + 1} (${column})`);
    const unknown = told(list.doubts).flatMap(
      (text) => /column (\d+): ".*" is kept and not read/.exec(text)?.[1] ?? [],
    );
    expect(unknown).toEqual(expected.flatMap((column, i) => (column === null ? [String(i + 1)] : [])));
  });
});

test('rows are numbered as the spreadsheet program does, empty ones and line ends in cells or not', () => {
  const { rows } = csv('Titel\n\nModell;Ort\nA;"Haus 1\nFlur"\n;\n\nB;\n');
  expect(rows.map((r) => [r.number, r.model, r.place])).toEqual([
    [4, 'A', 'Haus 1 Flur'],
    [7, 'B', ''],
  ]);
});

test('one wrong row is told, and the others are read', () => {
  const list = csv('Maker;Model;Port\nAcme;;25\nAcme;X;26\nAcme;=cmd();25\nAcme;Y;25\n');
  expect(list.rows.map((r) => r.model)).toEqual(['Y']);
  expect(told(list.problems)).toEqual([
    'l.csv:2: column 2 (model): is empty',
    expect.stringContaining('l.csv:3: column 3 (port): "26" is none of 587'),
    expect.stringContaining('l.csv:4: column 2 (model): is a formula, and formulas are not computed'),
  ]);
});

describe('what spreadsheet programs make of a version', () => {
  test('a number, a date and a formula are told; a text is believed', async () => {
    const list = await xlsx([
      ['Maker', 'Model', 'Firmware'],
      ['A', 'X', 1.1],
      ['A', 'Y', { value: new Date('2026-10-01T00:00:00Z'), type: Date, format: 'd. mmm' }],
      ['A', 'Z', '1.10'],
      ['A', 'V', { value: 1.1, format: '0.00' }],
      ['A', 'W', 12],
    ]);
    expect(list.rows.map((r) => r.firmware)).toEqual(['1.1', null, '1.10', '1.10', '12']);
    const doubts = told(list.doubts);
    expect(doubts).toEqual([
      expect.stringMatching(
        /^l\.xlsx:2: column C \(firmware\): is the number 1\.1, .* also makes of 1\.10; format the/,
      ),
      expect.stringMatching(/^l\.xlsx:3: column C \(firmware\): "2026-10-01" is a date, which .* makes of 1\.10/),
      expect.stringMatching(/^l\.xlsx:5: column C \(firmware\): is the number 1\.10/),
    ]);
  });

  test.each(['01. Okt', 'Okt 10', '1-Oct', 'Mai 2010'])('%s in a CSV', (text) => {
    const list = csv(`Maker;Model;Firmware\nA;X;${text}\n`);
    expect(list.rows[0]?.firmware).toBeNull();
    expect(told(list.doubts)).toEqual([
      expect.stringContaining('is a date, which a spreadsheet program makes of 1.10'),
    ]);
  });
});

test('an error of the spreadsheet is no model', async () => {
  const list = await xlsx([
    ['Maker', 'Model'],
    ['A', { value: 'NA()', type: 'Formula' }],
    ['A', 'X'],
  ]);
  expect(told(list.problems)).toEqual(['l.xlsx:2: column B (model): is empty']);
});

test('50,000 rows', () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `Acme;Model ${i};1.${i};Raum ${i % 90}`);
  const list = csv(`Hersteller;Modell;Firmware;Standort\n${lines.join('\n')}\n`);
  expect(list.rows.length).toBe(50_000);
  expect(list.rows.at(-1)).toMatchObject({ number: 50_001, model: 'Model 49999', place: 'Raum 49' });
});
