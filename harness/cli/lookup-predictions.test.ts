import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addToCorpus } from '../corpus/corpus.ts';
import { readPredictions } from './device-predictions.ts';
import { runCommandLine } from './main.ts';

const out = mkdtempSync(join(tmpdir(), 'cutover-lookup-predictions-'));
const corpus = join(out, 'corpus');
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

async function lookUp(...words: readonly string[]): Promise<string> {
  said = '';
  await runCommandLine(['lookup', ...words, '--out', out, '--as-of', '2025-04-01']);
  return said;
}

/** A person has recorded the printer of a customer: TLS 1.0 and nothing newer. */
function recordPrinter(): void {
  const hello = {
    format: 'tls',
    recordVersion: 0x0301,
    version: 0x0301,
    sessionBytes: 0,
    suites: [0x002f],
    compressions: [0],
    extensions: null,
  } as const;
  const origin = {
    device: 'canon-maxify-mb2755',
    model: 'Canon MAXIFY MB2755',
    firmware: '1.2',
    emulated: false,
    setting: { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' },
    source: { kind: 'capture', name: 'printer.pcap' },
    on: '2025-03-30',
    met: [],
  } as const;
  addToCorpus(corpus, [{ hello, origin: { ...origin, met: [] } }]);
}

test('a printer that was recorded yesterday is predicted today; all else that was said of it stays', async () => {
  const before = await lookUp('canon-maxify-mb2755');
  expect(before).not.toMatch(/Aufzeichnung|berechnet/);
  recordPrinter();
  const after = await lookUp('canon-maxify-mb2755');
  const block = [
    'Aus einer Aufzeichnung berechnet, nicht getestet:',
    '  - Firmware 1.2, STARTTLS 587 (Senden)',
    '    bisher: Verbindung kommt zustande; nach der Umstellung: Verbindung kommt nicht zustande; Übergangsserver: Verbindung kommt zustande',
  ].join('\n');
  expect(after).toContain(block);
  expect(after).toContain('Herkunft der Aufzeichnung: ein Netzwerkmitschnitt vom 30.03.2025.');
  const from = after.indexOf('\nAus einer Aufzeichnung');
  const end = after.indexOf('\n\n', from) + 1;
  expect(`${after.slice(0, from)}${after.slice(end)}`).toBe(before);
  const [row] = JSON.parse(await lookUp('canon-maxify-mb2755', '--json'));
  expect(row.predictions).toMatchObject([
    { directions: ['send'], modes: [{ mode: 'today' }, { mode: 'strict', cause: 'version-too-old' }, {}] },
  ]);
  const [other] = JSON.parse(await lookUp('fritzbox', '6.0', '--json'));
  expect(other).not.toHaveProperty('predictions');
});

test('a recording that is not sound keeps no report away: it is said, and nothing is predicted', () => {
  recordPrinter();
  writeFileSync(join(corpus, '000000000000.yaml'), 'id: nothing\n');
  const complained = vi.spyOn(console, 'error').mockReturnValue();
  expect(readPredictions(out, [])).toEqual({});
  expect(String(complained.mock.calls[0]?.[0])).toMatch(/nothing is predicted from recorded hellos: .*000000000000/);
});
