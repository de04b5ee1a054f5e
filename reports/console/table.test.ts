import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { DEVICES } from '../fixtures/devices.ts';
import { RECORDS } from '../fixtures/records.ts';
import { VERDICTS } from '../fixtures/verdicts.ts';
import { renderTable } from './table.ts';

const WIDE = { columns: 200, color: false, records: RECORDS };

test('the first line counts real, emulated and claimed devices', () => {
  expect(renderTable(VERDICTS, DEVICES, WIDE).split('\n')[0]).toBe('0 real devices tested, 9 emulated, 1 claimed only');
});

test('a row tells verdict, cause, what each mode did and what to do', () => {
  const row = renderTable(VERDICTS, DEVICES, WIDE)
    .split('\n')
    .find((l) => l.startsWith('mw-cam-7'));
  expect(row?.split(/ {2,}/)).toEqual([
    'mw-cam-7',
    'send',
    'works-after-change',
    'plaintext-only',
    'confirmed',
    'works (clear)',
    'fails',
    'works (clear)',
    'set SSL/TLS on port 465',
  ]);
});

test.for([60, 80, 100, 133, 200])('at %i columns no line is wider and nothing is lost', (columns) => {
  const text = renderTable(VERDICTS, DEVICES, { columns, color: false });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  // Cells wrap side by side, so only the stock of characters stays the same.
  const characters = (table: string) => table.replaceAll(/\s/g, '').split('').sort().join('');
  const wide = renderTable(VERDICTS, DEVICES, { columns: 300, color: false });
  expect(characters(text)).toBe(characters(wide));
});

test('colour changes nothing but colour', () => {
  const plain = renderTable(VERDICTS, DEVICES, WIDE);
  expect(stripVTControlCharacters(renderTable(VERDICTS, DEVICES, { ...WIDE, color: true }))).toBe(plain);
  expect(plain).not.toContain('\u001b');
});

test('a device name cannot steer the terminal', () => {
  const hostile = VERDICTS.map((v) => ({ ...v, device: '\u001b[2Jx\r\nworks\u0007' }));
  const text = renderTable(hostile, DEVICES, WIDE);
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test.for([20, 40])('at %i columns each cell has its own line, and none is wider', (columns) => {
  const text = renderTable(VERDICTS, DEVICES, { ...WIDE, columns });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  expect(text).toMatch(/^device: mw-cam-7$/m);
});

test.for([Number.NaN, 0, -1, 1])('a terminal that says it has %s columns gets its table', (columns) => {
  expect(renderTable(VERDICTS, DEVICES, { ...WIDE, columns }).replaceAll('\n', '')).toContain('mw-cam-7');
});

test.for([20, 80])('no verdicts, %i columns', (columns) => {
  const text = renderTable([], [], { columns, color: false, records: [] });
  expect(text.replaceAll(/\s+/g, ' ')).toContain('0 real devices tested');
});
