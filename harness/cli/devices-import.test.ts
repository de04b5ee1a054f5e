import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import writeExcelFile from 'write-excel-file/node';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { encodeText } from '../lists/decode-text.ts';
import { cutover } from './start-cutover.ts';

const root = mkdtempSync(join(tmpdir(), 'cutover-import-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'));
});

/** As Excel exports "CSV (Trennzeichen-getrennt)" in Germany. */
const LIST = [
  'Hersteller;Modell;Firmware;Standort;Wartungsvertrag',
  'Brother;MFC 8860DN;1.10;Büro „Süd“;ja',
  'Lexmrak;MS617;;Flur;',
  'Kyocera;TASKalfa 2552ci;2.0;;ja',
  ';;;;',
  'Kyocera;TASKalfa 2552CI;2.1;Lager;',
  'Müller & Söhne;Türöffner 5;01. Okt;;',
  'Lexmark;MS617de;;;nein',
  'Kyocera;;;;',
];

function given(lines: readonly string[], name = 'Geräte.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, encodeText(`${lines.join('\r\n')}\r\n`, 'windows-1252'));
  return path;
}

const into = () => join(folder, 'devices');
const filesOf = () =>
  existsSync(into())
    ? readdirSync(into(), { recursive: true, encoding: 'utf8' })
        .filter((f) => f.endsWith('.yaml'))
        .sort()
    : [];
const contents = () => filesOf().map((file) => readFileSync(join(into(), file), 'utf8'));

describe('cutover devices import', () => {
  test('says of each row what became of it, writes what is new, and a second time nothing', async () => {
    const list = given(LIST);
    const dry = await cutover(['devices', 'import', list, '--into', into(), '--dry-run']);
    expect(filesOf()).toEqual([]);
    expect(dry.stderr).toContain('nothing was written (2 files would be)');

    const first = await cutover(['devices', 'import', list, '--into', into()]);
    expect(first.stdout).toBe(dry.stdout);
    expect(first.code).toBe(1);
    expect(first.stdout.trimEnd().split('\n')).toEqual([
      'row 2: matched brother-mfc-8860dn: the same name as "MFC-8860DN"',
      'row 3: matched lexmark-ms617 (91 %): nearly the name "MS617"',
      expect.stringMatching(/^row 4: created .*mfp\/kyocera-taskalfa-2552ci\.yaml: .*series in kyocera-scan-to-mail$/),
      'row 6: matched kyocera-taskalfa-2552ci: the same model as row 4',
      expect.stringMatching(/^row 7: created .*mfp\/mueller-soehne-tueroeffner-5\.yaml: kind "mfp" is a guess$/),
      expect.stringMatching(/^row 8: unclear: lexmark-ms617 \(85 %, "Lexmark MS617dn"\) is not like enough; .*"id"$/),
      'row 9: unclear: column 2 (model): is empty',
    ]);
    expect(first.stderr).toContain('column 5: "Wartungsvertrag" is kept and not read');
    expect(first.stderr).toContain(':7: column 3 (firmware): "01. Okt" is a date');
    expect(first.stderr).toContain('7 rows: 3 matched, 2 created, 2 unclear; 2 files written.');
    const written = contents();
    expect(written[0]).toContain('  - version: "2.0"\n  - version: "2.1"\n');
    expect(written[1]).toContain('vendor: "Müller & Söhne"\nmodel: Türöffner 5\n');

    const again = await cutover(['devices', 'import', list, '--into', into()]);
    expect(again.stderr).toContain('5 matched, 2 unclear; 0 files written.');
    expect(contents()).toEqual(written);
    const lint = await cutover(['lint', into()]);
    expect(lint).toMatchObject({ code: 0, stdout: '2 device files are sound; 0 claims, 0 of them stale.\n' });
  });

  test('what a person has changed stays, and the import says so when the list says something new', async () => {
    await cutover([
      'devices',
      'import',
      given(['Hersteller;Modell;Firmware', 'Foo;X1;1', 'Foo;X2;1']),
      '--into',
      into(),
    ]);
    const path = join(into(), 'mfp', 'foo-x1.yaml');
    const edited = readFileSync(path, 'utf8').replace('kind: mfp', 'kind: fax');
    writeFileSync(path, edited);

    const same = await cutover(['devices', 'import', join(folder, 'Geräte.csv'), '--into', into()]);
    expect([same.code, same.stdout.split('\n')[0]]).toEqual([0, 'row 2: matched foo-x1: the same name as "X1"']);
    const newer = given(['Hersteller;Modell;Firmware', 'Foo;X1;2', 'Foo;X2;2']);
    const { code, stdout } = await cutover(['devices', 'import', newer, '--into', into()]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^row 2: kept foo-x1: .*a person has changed its file, and it was left as it is/);
    expect(stdout).toMatch(/\nrow 3: updated foo-x2: /);
    expect(readFileSync(path, 'utf8')).toBe(edited);
    expect(readFileSync(join(into(), 'mfp', 'foo-x2.yaml'), 'utf8')).toContain('version: "2"');
  });

  test('a workbook with English headings; --json for programs', async () => {
    const path = join(folder, 'devices.xlsx');
    await writeExcelFile([
      ['Location', 'Model', 'Manufacturer', 'Device type', 'Firmware', 'id'],
      ['Hall', 'Cam 7', 'Acme', 'Kamera', 1.1, null],
      ['Hall', 'MS617de', 'Lexmark', null, null, 'lexmark-ms617'],
    ]).toFile(path);
    const { code, stdout, stderr } = await cutover(['devices', 'import', path, '--into', into(), '--json']);
    expect(code).toBe(0);
    expect(z.array(z.looseObject({})).parse(JSON.parse(stdout))).toMatchObject([
      { row: 2, status: 'created', device: 'acme-cam-7', file: join(into(), 'camera', 'acme-cam-7.yaml') },
      { row: 3, status: 'matched', device: 'lexmark-ms617', confidence: 100, why: 'named by its id', file: null },
    ]);
    expect(stderr).toContain(
      '2: column E (firmware): is the number 1.1, which a spreadsheet program also makes of 1.10',
    );
  });

  test('files that cannot be lists: 78, with what to do, and nothing written', async () => {
    const path = join(folder, 'old.xlsx');
    writeFileSync(path, Buffer.from(`d0cf11e0a1b11ae1${'00'.repeat(600)}`, 'hex'));
    const { code, stdout, stderr } = await cutover(['devices', 'import', path, '--into', into()]);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(/old\.xlsx: cannot be read as a list: it is an old Excel workbook \(\.xls\)\n {2}→ Open it/);
    const none = await cutover(['devices', 'import', given(['Raum;Farbe', '1;rot']), '--into', into()]);
    expect(none.code).toBe(78);
    expect(none.stderr).toContain('unknown heading "Farbe"');
    expect(filesOf()).toEqual([]);
  });
});
