import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readExcelFile from 'read-excel-file/node';
import writeExcelFile from 'write-excel-file/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTable } from '../lists/read-table.ts';
import { encodeText } from '../lists/decode-text.ts';
import { cutover, type Ended } from './start-cutover.ts';

const CUTOVER = join(import.meta.dirname, 'cutover.mjs');
const folder = mkdtempSync(join(tmpdir(), 'cutover-list-'));
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As Excel exports it in Germany; what each row is about is told by the tests. */
const ROWS = [
  'Standort;Hersteller;Modell;Firmware;Bemerkung',
  'Pforte;Beispiel Augenblick;Kamera 12 (Beispiel);4.0;"größer; teurer"',
  'Büro „Süd“;Brother;MFC 8860DN;;=HYPERLINK("http://x")',
  'Lager;Foo;X1;;-5',
  ';;;;',
  'Flur;Lexmark;MS617de;;',
  'Werk 2;Kyocera;TASKalfa 2552ci;2.0;',
  'Halle;Muster Druckwerk;MFP 310 (Beispiel);;',
];
const list = join(folder, 'Prüfliste.csv');
let ran: Ended;

beforeAll(async () => {
  writeFileSync(list, encodeText(`${ROWS.join('\r\n')}\r\n`, 'windows-1252'));
  // One device is enough to show it.
  const narrowed = ['--device', 'emu-augenblick-cam', '--mode', 'strict', '--engine', 'embedded', '--no-html'];
  ran = await cutover(['run', '--list', list, '--out', out, ...narrowed]);
}, 120_000);

/** A table as objects by heading, the prefix of added columns left out. */
function byHeading(path: string): readonly Readonly<Record<string, string>>[] {
  const [head, ...rows] = parseTable(readFileSync(path), path).rows.map((row) => row.cells.map((cell) => cell.text));
  return rows.map((cells) =>
    Object.fromEntries((head ?? []).map((name, i) => [name.replace('Cutover: ', ''), cells[i] ?? ''])),
  );
}

describe('cutover run --list', () => {
  const back = join(out, 'Prüfliste.cutover.csv');

  test('runs the devices of the list, and says how much of it is measured', () => {
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('emu-augenblick-cam  strict  question: works')]);
    expect(ran.stderr).toContain(`the list in ${back}: 6 rows, 1 measured, `);
  });

  test('gives the table back as it was: encoding, separators, order, every column', () => {
    const lines = new TextDecoder('windows-1252').decode(readFileSync(back)).split('\r\n');
    expect(lines[0]?.startsWith(`${ROWS[0]};Cutover: Gerät;Cutover: Senden;Cutover: Abrufen;`)).toBe(true);
    expect(lines[1]?.startsWith(`${ROWS[1]};emu-augenblick-cam;`)).toBe(true);
    expect(lines[2]?.startsWith(`Büro „Süd“;Brother;MFC 8860DN;;"'=HYPERLINK(""http://x"")";brother-mfc-8860dn;`)).toBe(
      true,
    );
    expect(lines[4]).toBe(ROWS[4]);
    expect(lines).toHaveLength(ROWS.length + 1);
  });

  test('what was measured, on an emulated device, with its evidence', () => {
    const [cam] = byHeading(back);
    expect(cam).toMatchObject({
      Senden: 'funktioniert weiter (nachgebildetes Gerät)',
      Einzutragen: '',
      Grundlage: expect.stringMatching(
        /^an einem nachgebildeten Gerät getestet mit Firmware 5\.1, am \d\d\.\d\d\.\d{4}$/,
      ),
      'Getestet am': expect.stringMatching(/^\d\d\.\d\d\.\d{4}$/),
      Hinweis: 'getestet mit Firmware 5.1, in der Liste steht 4.0',
    });
    expect(existsSync(join(out, cam?.['Nachweis'] ?? '', 'wire.pcapng'))).toBe(true);
  });

  test('what is only claimed is called so, of a model and of a series; what nobody knows stays open', () => {
    const [, brother, foo, , lexmark, kyocera, mfp] = byHeading(back);
    expect(brother).toMatchObject({
      Senden: expect.stringMatching(/^laut Quelle: /),
      'Getestet am': '',
      Nachweis: expect.stringMatching(/^Quelle: https?:/),
      Hinweis: 'nicht im Labor: nur Angaben von Quellen',
    });
    expect(brother?.['Grundlage']).toContain('nicht von uns getestet');
    expect(foo).toMatchObject({
      Gerät: '',
      Senden: '',
      Hinweis: expect.stringMatching(/^nicht im Labor: noch nicht geprüft/),
    });
    expect(lexmark).toMatchObject({
      Gerät: '',
      Senden: '',
      Hinweis: expect.stringContaining('nicht eindeutig: lexmark-ms617 (85 %)'),
    });
    expect(kyocera).toMatchObject({
      Gerät: '',
      Hinweis: expect.stringContaining('gelten für die Reihe Kyocera Scan-to-Mail (kyocera-scan-to-mail)'),
    });
    expect(mfp).toMatchObject({ Gerät: 'emu-druckwerk-mfp', Senden: '', Hinweis: 'im Labor, aber noch nicht geprüft' });
  });

  test('a list of nothing that the lab can reach is no run', async () => {
    const other = join(folder, 'other.csv');
    writeFileSync(other, 'Maker,Model\nBrother,MFC-8860DN\n');
    const { code, stderr } = await cutover(['run', '--list', other, '--out', join(folder, 'none')]);
    expect(code).toBe(64);
    expect(stderr).toMatch(/none of the 1 rows of .*other\.csv is a device that the lab can reach/);
    expect(stderr).toContain('cutover report --catalogue --list');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('cutover report --list', () => {
  test('a workbook in English from the runs that there are; another reader opens it', async () => {
    const path = join(folder, 'devices.xlsx');
    await writeExcelFile([
      ['Devices of the lab', null, null],
      ['Model', 'Manufacturer', 'Price'],
      ['Kamera 12 (Beispiel)', 'Beispiel Augenblick', 99.5],
      ['MFC-8860DN', 'Brother', null],
    ]).toFile(path);
    const { code } = await cutover(['report', out, '--list', path, '--language', 'en', '--no-html']);
    expect(code).toBe(0);
    const [sheet] = await readExcelFile(join(out, 'devices.cutover.xlsx'));
    expect(sheet?.data.slice(0, 2)).toEqual([
      ['Devices of the lab', ...Array.from({ length: 11 }, () => null)],
      [
        'Model',
        'Manufacturer',
        'Price',
        ...['Device', 'Sending', 'Fetching', 'Cause', 'What to enter', 'Basis', 'Tested on', 'Evidence', 'Note'].map(
          (h) => `Cutover: ${h}`,
        ),
      ],
    ]);
    const [cam, brother] = sheet?.data.slice(2) ?? [];
    expect(cam?.slice(0, 5)).toEqual([
      'Kamera 12 (Beispiel)',
      'Beispiel Augenblick',
      99.5,
      'emu-augenblick-cam',
      'keeps working (emulated device)',
    ]);
    expect(brother?.slice(3, 5)).toEqual(['brother-mfc-8860dn', expect.stringMatching(/^claimed: /)]);
    expect(brother?.at(-1)).toBe('not in the lab: claimed only');
  });

  test('without a run, from the catalogue', async () => {
    const own = join(folder, 'catalogue');
    const { code, stderr } = await cutover(['report', own, '--catalogue', '--list', list]);
    expect(code).toBe(0);
    expect(stderr).toContain('6 rows, 0 measured, ');
    expect(byHeading(join(own, 'Prüfliste.cutover.csv'))[0]).toMatchObject({
      Hinweis: 'im Labor, aber noch nicht geprüft',
    });
  });
});

test('cutover attend --list takes a workbook, and gives it back when the run has ended', async () => {
  const path = join(folder, 'attended.xlsx');
  await writeExcelFile([
    ['Hersteller', 'Modell', 'Standort', 'Port', 'Verschlüsselung'],
    ['Acme', 'Drucker 1', 'Büro', 587, 'STARTTLS'],
  ]).toFile(path);
  const own = join(folder, 'attended');
  const child = spawn(
    process.execPath,
    [CUTOVER, 'attend', '--list', path, '--ports', 'mapped', '--out', own, '--no-html'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (part) => {
          text += String(part);
          const found = /http:\/\/\S+/.exec(text)?.[0];
          if (found !== undefined) resolve(found);
        });
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
    });
    const cookie = (await fetch(url)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const view = await (await fetch(`${new URL(url).origin}/view`, { headers: { cookie } })).text();
    expect(view).toContain('Drucker 1');
    const headers = { cookie, 'content-type': 'application/json' };
    await fetch(`${new URL(url).origin}/answer`, { method: 'POST', headers, body: JSON.stringify({ kind: 'finish' }) });
    const [code] = await once(child, 'exit');
    expect([code, text]).toEqual([0, expect.stringContaining('attended.cutover.xlsx: 1 rows, 0 measured')]);
    const [sheet] = await readExcelFile(join(own, 'attended.cutover.xlsx'));
    expect(sheet?.data[1]?.slice(0, 4)).toEqual(['Acme', 'Drucker 1', 'Büro', 587]);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}, 120_000);
