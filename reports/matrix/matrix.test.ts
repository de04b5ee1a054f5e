import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { RELAYED, TWO_ENGINES } from '../fixtures/verdicts.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { renderCsv } from './csv.ts';
import { renderMatrix } from './matrix.ts';

/** Python's csv module as the independent reader. */
function readBack(csv: string): readonly (readonly string[])[] | null {
  const script =
    'import csv,json,sys,io;t=sys.stdin.buffer.read().decode("utf-8-sig");print(json.dumps(list(csv.reader(io.StringIO(t,newline="")))))';
  const python = spawnSync('python3', ['-c', script], { input: csv, encoding: 'utf8' });
  return python.status === 0 ? z.array(z.array(z.string())).parse(JSON.parse(python.stdout)) : null;
}

test('one row a device and direction, also for devices that nobody tested', (context) => {
  const rows = readBack(renderMatrix(sampleInput('/none')));
  context.skip(rows === null, 'python3 is not installed: no independent CSV reader');
  const [head = [], ...body] = rows!;
  expect(body).toHaveLength(11);
  const column = (row: readonly string[], name: string) => row[head.indexOf(name)];
  const camera = body.find((r) => r[0] === 'mw-cam-7') ?? [];
  expect(column(camera, 'model')).toBe('Kamera Tür & Hof 7');
  expect(column(camera, 'set_port')).toBe('465');
  expect(column(camera, 'set_host')).toBe('smtp.mail.example');
  expect([column(camera, 'today'), column(camera, 'strict')]).toEqual(['works (clear)', 'fails']);
  expect(column(body.find((r) => r[0] === 'aw-print-12') ?? [], 'verdict')).toBe('unknown');
  for (const row of body) expect(row).toHaveLength(head.length);
});

test('quotes, line ends and separators survive', (context) => {
  const cells = ['a "quoted" word', 'two\r\nlines', 'a,b;c', 'Ümläut – ✓', ''];
  const rows = readBack(renderCsv([cells]));
  context.skip(rows === null, 'python3 is not installed: no independent CSV reader');
  expect(rows).toEqual([cells]);
});

test.for(['=1+1', '+49', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1'])('%j cannot become a formula', (cell) => {
  expect(renderCsv([[cell]]).replace(/^\uFEFF"?/, '')).toMatch(/^'/);
});

test('Excel is told that the file is UTF-8', () => {
  expect(Buffer.from(renderCsv([['ü']])).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
});

test('what other engines answered and how a relay was measured have columns', (context) => {
  const verdicts = [...TWO_ENGINES.verdicts, RELAYED];
  const rows = readBack(renderMatrix(sampleInput('/none', { verdicts, outranked: TWO_ENGINES.outranked })));
  context.skip(rows === null, 'python3 is not installed: no independent CSV reader');
  const [head = [], ...body] = rows!;
  const cells = (device: string) =>
    ['engine', 'other_engines', 'relay_measured'].map(
      (name) => body.find((r) => r[0] === device)?.[head.indexOf(name)],
    );
  expect(cells('mw-router-x')).toEqual(['containers', 'embedded: works-after-update (no-shared-signature)', '']);
  expect(cells('mw-scan-300')).toEqual(['embedded', '', '465 implicit']);
});
