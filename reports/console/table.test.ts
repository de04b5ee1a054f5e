import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { DEVICES } from '../fixtures/devices.ts';
import { RECORDS } from '../fixtures/records.ts';
import { RUN, SERVER_RUN } from '../fixtures/run.ts';
import { RELAYED, TWO_ENGINES, VERDICTS } from '../fixtures/verdicts.ts';
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

const SERVERS = { ...TWO_ENGINES, runs: [RUN, SERVER_RUN] };

test('what another engine answered stands below, the answer that counts first, and each peculiarity once', () => {
  const [, , , ...below] = renderTable(TWO_ENGINES.verdicts, DEVICES, { ...WIDE, servers: SERVERS }).split('\n');
  expect(below.slice(1)).toEqual([
    '',
    'Engines answered differently; the first one counts:',
    '- mw-router-x send: containers works; embedded works-after-update (no-shared-signature)',
    '',
    'About the servers:',
    '- containers, strict, port 587, 25, 465: Postfix takes clients that sign with SHA-1.',
    '- containers, strict, port 143, 993, 110, 995: Dovecot closes without an alert.',
  ]);
});

test('the run of the engine that does not count says so too', () => {
  const text = renderTable(TWO_ENGINES.outranked, DEVICES, { ...WIDE, servers: SERVERS });
  expect(text).toContain('- mw-router-x send: containers works; embedded works-after-update');
});

test('engines that agree, and devices of other runs, add nothing', () => {
  const agreeing = { ...SERVERS, outranked: TWO_ENGINES.verdicts.map((v) => ({ ...v, engine: 'embedded' as const })) };
  expect(renderTable(TWO_ENGINES.verdicts, DEVICES, { ...WIDE, servers: agreeing })).not.toContain('differently');
  const others = VERDICTS.filter((v) => v.device !== 'mw-router-x');
  expect(renderTable(others, DEVICES, { ...WIDE, servers: SERVERS })).not.toMatch(/differently|About the servers/);
});

test.for([20, 40, 80])('at %i columns what stands below is no wider', (columns) => {
  const text = renderTable(TWO_ENGINES.verdicts, DEVICES, { columns, color: false, servers: SERVERS });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('About the servers:');
});

const todo = (verdict: (typeof VERDICTS)[number], asOf: string) =>
  renderTable([verdict], DEVICES, { ...WIDE, records: [], asOf: new Date(asOf) })
    .split('\n')[3]
    ?.split(/ {2,}/)
    .at(-1);

test('a measured relay is what to do when the transition has ended, and where its recipe is', () => {
  expect(todo(RELAYED, '2025-04-01')).toBe('transition host to 2025-05-30, then relay (measured)');
  expect(todo(RELAYED, '2025-06-01')).toBe('ask for firmware, or relay (measured)');
  expect(todo({ ...RELAYED, remedies: ['relay', 'replace'] }, '2025-06-01')).toBe('relay (measured)');
  const text = renderTable([RELAYED], DEVICES, WIDE);
  expect(text).toContain('recipe in devices/containers/relay/README.md:\n- mw-scan-300 send');
  const { relay: _, ...thought } = RELAYED;
  expect(todo(thought, '2025-04-01')).toBe('transition host to 2025-05-30');
  expect(todo(thought, '2025-06-01')).toBe('ask for firmware');
  expect(renderTable([thought], DEVICES, WIDE)).not.toContain('measured');
});

test('what a firewall overwrites is not the maker’s to cure', () => {
  const stopped = { ...RELAYED, verdict: 'stops-working' as const, causes: ['intercepted' as const] };
  expect(todo(stopped, '2025-06-01')).toBe('try SSL/TLS on port 465; check firewall and virus scanner');
});

test('how far predictions are as measured is told for all, and for each that is not', () => {
  const [first, second, ...others] = VERDICTS;
  const verdicts = [
    { ...first!, predictions: { agree: 8, of: 8, notPredicted: 3 } },
    { ...second!, predictions: { agree: 3, of: 4, notPredicted: 0 } },
    ...others,
  ];
  const lines = renderTable(verdicts, DEVICES, WIDE).split('\n');
  expect(lines.slice(-3)).toEqual([
    'Predicted from their hellos, beside what was measured:',
    '- 11 of 12 as measured, 3 cannot be predicted',
    '- mw-cam-7 send: 3 of 4 as measured',
  ]);
  const without = renderTable(VERDICTS, DEVICES, WIDE);
  expect(lines.slice(0, -4).join('\n')).toBe(without);
});
