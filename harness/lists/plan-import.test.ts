import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { DEVICES_FOLDER } from '../cli/prepare.ts';
import { readDevices } from '../device-files.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Row } from './list-row.ts';
import { parseList } from './read-list.ts';
import { parseTable } from './read-table.ts';
import { readImported } from './read-imported.ts';
import { planImport } from './plan-import.ts';
import { renderDeviceFile } from './render-device-file.ts';

const catalogue = readDevices(DEVICES_FOLDER);
const root = mkdtempSync(join(tmpdir(), 'cutover-plan-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const rowsOf = (text: string): readonly Row[] => parseList(parseTable(Buffer.from(text), 'l.csv'), 'l.csv').rows;

/** What an import into a folder would write, and writes. */
function importInto(folder: string, rows: readonly Row[], known: readonly Device[]) {
  const { devices, imported } = readImported(folder);
  const states = new Map([...imported].map(([id, file]) => [id, file.state]));
  const all = new Map([...known, ...devices].map((d) => [d.id, d]));
  const plan = planImport(rows, { known: [...all.values()], imported: states });
  const files = plan.files.map(({ facts }) => {
    const path = imported.get(facts.id)?.path ?? join(folder, facts.kind, `${facts.id}.yaml`);
    return { path, text: renderDeviceFile(facts), before: imported.get(facts.id)?.text };
  });
  for (const { path, text } of files) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  return { plan, changed: files.filter((f) => f.text !== f.before).map((f) => f.path) };
}

describe('what becomes of rows', () => {
  const planned = (text: string) =>
    planImport(rowsOf(text), { known: catalogue, imported: new Map() }).rows.map((plan) => [
      plan.row.number,
      plan.kind,
      plan.kind === 'unclear' ? null : plan.device,
    ]);

  test('rows of one model are one device, whose versions and settings they list', () => {
    const text = 'Maker;Model;Firmware;Port\nFoo;X 1;2.0;25\nfoo;x-1;1.9;587\nFoo;X1;2.0;25\n';
    expect(planned(text)).toEqual([
      [2, 'new', 'foo-x-1'],
      [3, 'matched', 'foo-x-1'],
      [4, 'matched', 'foo-x-1'],
    ]);
    const { files } = planImport(rowsOf(text), { known: catalogue, imported: new Map() });
    expect(files).toMatchObject([
      { facts: { versions: ['2.0', '1.9'], settings: [{ port: 25 }, { port: 587 }] }, rows: [2, 3, 4] },
    ]);
  });

  test('an id that a person has chosen wins, wherever its row stands', () => {
    expect(planned('ID;Maker;Model\n;Foo;My 1\nmy-1;Foo;Other\n;Foo;Other\n')).toEqual([
      [2, 'new', 'foo-my-1'],
      [3, 'new', 'my-1'],
      [4, 'matched', 'my-1'],
    ]);
  });

  test('what nobody can tell is unclear', () => {
    expect(planned('ID;Maker;Model\n;;X9\nno-such;;\n;Lexmark;MS617de\n')).toEqual([
      [2, 'unclear', null],
      [3, 'unclear', null],
      [4, 'unclear', null],
    ]);
  });
});

/** Names as people write them, with everything that YAML, file names and ids could stumble over. */
const word = fc.oneof(
  fc.constantFrom(
    'MFC',
    '8860',
    'null',
    'yes',
    '~',
    '1.10',
    '0x1F',
    '- a',
    'a: b',
    '#1',
    '"q"',
    "it's",
    '{x}',
    '@',
    '%',
  ),
  fc.string({
    unit: fc.constantFrom(...Array.from('aBÄß19 .-+/\\&*!|>:#é漢🖨★\'"`{}[],?')),
    minLength: 1,
    maxLength: 12,
  }),
);
const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ').trim());
const line = fc.record({
  vendor: fc.oneof(fc.constantFrom('Brother', 'Kyocera', ''), name),
  model: fc.oneof(fc.constantFrom('MFC-8860DN', 'TASKalfa 1', 'X1', 'X 1', 'X+1'), name),
  firmware: fc.oneof(fc.constant(''), fc.constantFrom('1.10', '2', 'V1 (b)', '= 1')),
  port: fc.constantFrom('', '25', '465', '993', '26'),
});

test('any list becomes files that are sound, and importing it again changes nothing', () => {
  let written = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const quoted = lines.map((l) =>
        [l.vendor, l.model, l.firmware, l.port].map((t) => `"${t.replaceAll('"', '""')}"`),
      );
      const rows = rowsOf(`Maker;Model;Firmware;Port\n${quoted.map((cells) => cells.join(';')).join('\n')}\n;Foo\n`);
      const folder = mkdtempSync(join(root, 'into-'));
      const known = catalogue.slice(0, 60);
      const first = importInto(folder, rows, known);
      // Reading is the check that `cutover lint` makes.
      const made = readDevices(folder);
      expect(made.map((d) => d.id).sort()).toEqual(first.plan.files.map((f) => f.facts.id).sort());
      for (const { facts } of first.plan.files)
        expect(made.find((d) => d.id === facts.id)).toMatchObject({ vendor: facts.vendor, model: facts.model });
      const second = importInto(folder, rows, known);
      expect(second.changed).toEqual([]);
      const places = (plan: typeof first.plan) => plan.rows.map((r) => (r.kind === 'unclear' ? null : r.device));
      expect(places(second.plan)).toEqual(places(first.plan));
      expect(second.plan.rows.filter((r) => r.kind === 'new')).toEqual([]);
      written += made.length;
    }),
    { numRuns: 60, seed: 6 },
  );
  expect(written).toBeGreaterThan(60);
});
