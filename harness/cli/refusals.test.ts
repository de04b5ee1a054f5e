import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRuns } from '../records.ts';
import { concludeRuns } from './conclusions.ts';
import { cutover, type Ended } from './start-cutover.ts';

/** One comparison, once, as a user starts it; every test looks at what it left. */
const out = mkdtempSync(join(tmpdir(), 'cutover-refusals-'));
const DEVICES = ['emu-augenblick-wacht', 'emu-fernruf-auto', 'emu-wachturm-zwilling', 'emu-augenblick-cam'];
const STYLES = ['421-after-tls', 'no-starttls', 'brown-out'];

let ended: Ended;
/** By device and style. */
let row: (device: string, mode: string) => { readonly [column: string]: string };

beforeAll(async () => {
  ended = await cutover(['refusals', '--out', out, '--device', ...DEVICES, '--style', ...STYLES, '--language', 'en']);
  const lines = readFileSync(join(out, 'refusals.csv'), 'utf8').replace('\uFEFF', '').trim().split('\r\n');
  const [head = [], ...rows] = lines.map((line) => line.split(','));
  const cells = rows.map((cell) => Object.fromEntries(head.map((name, i) => [name, cell[i] ?? ''])));
  row = (device, mode) => cells.find((c) => c['device'] === device && c['mode'] === mode) ?? {};
}, 240_000);
afterAll(() => rmSync(out, { recursive: true }));

describe('a comparison of refusal styles', () => {
  test('ends as expected, with a table and the words of the servers', () => {
    expect(ended.stderr).not.toContain('fault');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('4 emulated devices measured, 0 real.');
    expect(ended.stdout).toContain('Kindest for good: “421 after TLS”');
    expect(row('emu-augenblick-wacht', 'strict.421-after-tls')['said']).toContain('421 4.7.66');
  });

  test('a camera that tries each minute is locked out, and its mail is late where the refusal ends', () => {
    expect(row('emu-augenblick-wacht', 'strict.no-starttls')).toMatchObject({
      mail: 'lost-told',
      locked_out_at_5: 'true',
    });
    const late = row('emu-augenblick-wacht', 'strict.brown-out');
    expect(late).toMatchObject({ mail: 'late', locked_out_at_5: 'false' });
    expect(Number(late['arrived_after_seconds'])).toBeGreaterThanOrEqual(150);
  });

  test('an alarm panel that tries what got through once more delivers twice, and loses silently otherwise', () => {
    expect(row('emu-wachturm-zwilling', 'strict.brown-out')['mail']).toBe('doubled');
    expect(row('emu-wachturm-zwilling', 'strict.421-after-tls')['mail']).toBe('lost-silently');
  });

  test('without an offer of STARTTLS, "TLS if available" lets its password be read', () => {
    const leak = { falls_back_to_plaintext: 'true', password_in_clear: 'true' };
    expect(row('emu-fernruf-auto', 'strict.no-starttls')).toMatchObject(leak);
    expect(row('emu-fernruf-auto', 'strict.421-after-tls')).toMatchObject({ falls_back_to_plaintext: 'false' });
  });

  test('it is recorded with what was watched, and gives no verdict', () => {
    const runs = readRuns(out);
    expect(runs[0]?.run.watch).toEqual({ seconds: 600, emulatedSpeed: 60 });
    expect(runs[0]?.run.modes.find((m) => m.id === 'strict.brown-out')?.refusal.until).toEqual({
      seconds: 150,
      mode: 'today',
    });
    expect(runs[0]?.records.every((r) => r.role === 'question' && r.scenario === 'refusal')).toBe(true);
    expect(concludeRuns(runs)).toEqual({ records: [], verdicts: [], outranked: [] });
  });

  test('the report comes again from the records, in the other language', async () => {
    const again = await cutover(['refusals', '--out', out, '--from-records', '--language', 'de']);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('Am schonendsten auf Dauer: „421 nach TLS“');
    expect(readFileSync(join(out, 'refusals.html'), 'utf8')).toContain('<html lang="de">');
  });
});

test('an unknown style is wrong usage, and told with those that there are', async () => {
  const wrong = await cutover(['refusals', '--out', out, '--style', 'rude']);
  expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('no-starttls')]);
});
