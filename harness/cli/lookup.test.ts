import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommandLine } from './main.ts';

/** No runs: the catalogue alone. */
const out = mkdtempSync(join(tmpdir(), 'cutover-catalogue-'));
let said = '';
beforeEach(() => {
  said = '';
  const keep = (text: unknown) => {
    said += `${String(text)}\n`;
    return true;
  };
  vi.spyOn(console, 'log').mockImplementation(keep);
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});
afterAll(() => rmSync(out, { recursive: true }));

async function run(command: string, ...words: readonly string[]): Promise<string> {
  await runCommandLine([command, ...words, ...(command === 'explain' ? [] : ['--out', out])]);
  return said;
}
const before = ['--as-of', '2025-02-01'];

test('the question that decides is asked, with what follows from each answer', async () => {
  const text = await run('lookup', 'outlook', '2010', ...before);
  expect(text).toMatch(/^Microsoft Outlook 2010/);
  expect(text).toMatch(
    /Senden: kommt darauf an\nAbrufen: kommt darauf an\n {2}Welches Betriebssystem\?\n(?: {4}.+\n)* {4}.*Windows 7: nur noch über den Übergangsserver\n/,
  );
  expect(text).not.toContain('von uns getestet mit');
});

test('words of the query answer it, and so do options', async () => {
  const named = await run('lookup', 'outlook', '2010', 'windows', '7', ...before);
  expect(named).toContain('Senden: nur noch über den Übergangsserver');
  expect(named).toContain('laut Hersteller bzw. laut Quelle');
  said = '';
  const told = await run('lookup', 'outlook', '2010', '--device-os', 'windows-7', ...before);
  expect(told).toBe(named);
});

test('a version that the owner names answers it', async () => {
  const text = await run('lookup', 'fritzbox', '6.0', ...before);
  expect(text).toMatch(/^AVM FRITZ!Box \(Router\)/);
  expect(text).toContain('Senden: nur noch über den Übergangsserver');
  expect(text).not.toContain('kommt darauf an');
});

test('an expired transition host is not named', async () => {
  const text = await run('lookup', 'outlook', '2010', 'win7', '--as-of', '2025-07-01');
  expect(text).not.toContain('smtp-legacy');
  expect(await run('lookup', 'outlook', '2010', 'win7', ...before)).toContain('smtp-legacy');
});

test.for([
  'Windows 7 Outlook 2010',
  'FRITZ!Box 6.0',
  'Canon MAXIFY Zertifikat',
  'WordPress Kontaktformular',
  'HomeMatic CCU2',
  '0x800CCC0B',
  'Kamera SSL on/off',
])('%s finds an answer', async (query) => {
  const text = await run('lookup', ...query.split(' '), ...before);
  expect(process.exitCode).toBe(0);
  expect(text).toMatch(/\n {2}\[1\] |\n\[1\] |\n {2}Welche Version|Wahrscheinliche Ursachen/);
});

test.for(['Canon MX 999999', 'Windows 12', 'CCU3', 'iOS 4', 'Android 3', 'macOS 10.5', 'Brother MFC 9999'])(
  '%s is in no entry: the nearest are named, and no answer of theirs is given',
  async (query) => {
    const text = await run('lookup', ...query.split(' '), ...before);
    expect(process.exitCode).toBe(1);
    expect(text).toContain(`Nicht im Katalog: „${query}“`);
    expect(text).toMatch(/Am ähnlichsten sind:\n {2}.+ cutover lookup [a-z0-9.-]+\n/);
    expect(text).not.toMatch(/Senden|Abrufen|Einstellungen/);
  },
);

test('a word that only tells where it stands does not keep the answer away', async () => {
  const text = await run('lookup', 'outlook', '2010', 'win7', 'Buchhaltung', ...before);
  expect(process.exitCode).toBe(0);
  expect(text).toMatch(/Buchhaltung[^]*\nSenden: nur noch über den Übergangsserver\n/);
});

test('the answer comes before its sources, which are short; errors and addresses only when they are asked for', async () => {
  const short = await run('lookup', 'outlook', '2010', 'win7', ...before);
  expect(short.split('\n').slice(2, 4)).toEqual([
    'Senden: nur noch über den Übergangsserver',
    'Abrufen: nur noch über den Übergangsserver',
  ]);
  expect(short.split('\n').length).toBeLessThan(50);
  expect(short).not.toMatch(/https?:|Fehlermeldungen:/);
  expect(short).toMatch(/\n\[1\] Hersteller: github\.com\/MicrosoftDocs, \d{2}\.\d{2}\.\d{4}\n/);
  said = '';
  const asked = await run('lookup', 'outlook', '2010', 'win7', '0x800CCC1A', ...before);
  expect(asked).toMatch(/Fehlermeldungen:\n {2}- [^\n]*0x800CCC1A/);
  said = '';
  const all = await run('lookup', 'outlook', '2010', 'win7', '--all', ...before);
  expect(all.match(/0x[0-9A-F]{8}/g)?.length).toBeGreaterThan(3);
  expect(all).toMatch(/\n\[1\] .+https:\/\//);
});

test('an error that many show is explained, and gets the answer of none of them', async () => {
  const text = await run('lookup', '0x800CCC0B', ...before);
  expect(text).toMatch(/Veraltete TLS-Version[^]*fragen Sie, welches davon[^]*cutover lookup outlook-2016/);
  expect(text).not.toMatch(/^Senden/m);
});

test('for programs: an array, each with what its sources say', async () => {
  const rows = JSON.parse(await run('lookup', 'outlook', '2010', '--json'));
  expect(rows[0]).toMatchObject({
    device: { id: 'outlook-2010' },
    directions: [{ direction: 'send', question: { kind: 'os' } }, { direction: 'fetch' }],
    claims: expect.arrayContaining([
      expect.objectContaining({ source: expect.objectContaining({ url: expect.any(String) }) }),
    ]),
  });
});

test('emulated devices are found only when they are asked for', async () => {
  expect(await run('lookup', 'emu-druckwerk-mfp')).not.toMatch(/^Druckwerk|Beispieldaten/m);
  said = '';
  expect(await run('lookup', 'druckwerk', '310', '--samples')).toContain(
    'Beispieldaten: Dieses Gerät ist nachgebildet.',
  );
});

test('a system that there is not: the ones that there are are said', async () => {
  const complained = vi.spyOn(console, 'error').mockReturnValue();
  await run('lookup', 'outlook', '2010', '--device-os', 'windows-9');
  expect(process.exitCode).toBe(64);
  expect(String(complained.mock.calls[0]?.[0])).toMatch(/no system is called "windows-9"[^]*windows-7/);
});

test('nothing that fits: said, with exit code 1', async () => {
  expect(await run('lookup', 'qqqqqq')).toContain('Kein Gerät passt zu „qqqqqq“.');
  expect(process.exitCode).toBe(1);
});

test('explain reads a text, agreement counts, the provider list stands beside its evidence', async () => {
  expect(await run('explain', '535', '5.7.8', '--language', 'en')).toMatch(/Probable causes:[^]*auth-rejected/);
  said = '';
  expect(await run('agreement', '--language', 'en')).toMatch(/\d+ of \d+/);
  said = '';
  expect(await run('provider-list', '--language', 'en')).toMatch(/of 6 rows agree with the evidence/);
});
