import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { MODES_FOLDER } from '../modes/read-mode.ts';
import { readRecords } from '../records.ts';
import { Comparison, type Difference } from '../vocabulary/comparison.ts';
import { createFleetOfChanges, emulated, ONLY_SUITE } from './fleet-of-changes.ts';
import { cutover, type Ended } from './start-cutover.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-changes-'));
const out = join(folder, 'out');
const file = join(folder, 'baseline.jsonl');
const strict = join(folder, 'strict.yaml');
mkdirSync(join(folder, 'devices'));
const fleet = createFleetOfChanges(join(folder, 'devices'));

const RUN = ['run', '--engine', 'embedded', '--allow-programs', '--no-html', '--devices', fleet.devices];
const run = (...more: readonly string[]) => cutover([...RUN, '--mode', 'today', strict, '--out', out, ...more]);

let first: Ended;
let second: Ended;
let comparison: Comparison;
const of = (device: string, mode: string): Difference | undefined =>
  comparison.differences.find((d) => d.device === device && d.mode === mode);

beforeAll(async () => {
  copyFileSync(join(MODES_FOLDER, 'strict.yaml'), strict);
  first = await run();
  await cutover(['baseline', 'accept', out, '--file', file]);
  seedChanges();
  second = await run('--baseline', file);
  const [, path = ''] = readdirSync(join(out, 'runs')).sort();
  comparison = Comparison.parse(JSON.parse(readFileSync(join(out, 'runs', path, 'comparison.json'), 'utf8')));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every kind of change at once; two devices' changes are written into the accepted state. */
function seedChanges(): void {
  fleet.edit('bump', '"1"', '"2"');
  fleet.edit('bump', 'tls: { minVersion: TLSv1, maxVersion: TLSv1.1, ciphers: "DEFAULT@SECLEVEL=0" }', 'tls: {}');
  fleet.edit('loses-root', 'verifies: imported', 'verifies: factory');
  rmSync(join(fleet.devices, 'gone.yaml'));
  fleet.write('fresh', emulated('fresh', '  - { version: "1", emulated: { stack: node-current } }'));
  fleet.makeFlaky();
  const policy = readFileSync(strict, 'utf8')
    .replace(`  - ${ONLY_SUITE}\n`, '')
    // What the devices that differ in strict never come to.
    .replace('auth: [PLAIN, LOGIN]', 'auth: [LOGIN, PLAIN]')
    .replace('  - secp384r1\n', '');
  writeFileSync(strict, `${policy}\ncertificate: { minted: expired }\n`);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  const context = z
    .looseObject({ harness: z.looseObject({}) })
    .parse(lines.find((l) => 'context' in l && 'harness' in l));
  const around = (is: string, harness: object) => ({
    ...context,
    usual: undefined,
    context: is,
    harness: { ...context.harness, ...harness },
  });
  const [old, other] = ['0'.repeat(12), '1'.repeat(12)];
  const edited = lines.map((line) => {
    if (line['key'] === 'steady/submit/implicit-465/today/question/embedded')
      return { ...line, outcome: 'fails', cause: 'mail-lost', context: old };
    if (line['key'] === 'suite/submit/implicit-465/today/question/embedded')
      return { ...line, outcome: 'fails', cause: 'mail-lost', context: other };
    return line;
  });
  edited.push(around(old, { cutover: '0.0.9' }), around(other, { openssl: '3.0.1' }));
  writeFileSync(file, edited.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

describe('a seeded set of changes, each attributed to what was changed', () => {
  test('the first run is as the devices are built', () => {
    expect([first.code, first.stderr.includes('differs:')]).toEqual([0, false]);
  });
  test('the run that found differences ends with 1', () => {
    expect(second.code).toBe(1);
  });
  test('a firmware bump', () => {
    expect(of('bump', 'strict')).toMatchObject({
      kind: 'fixed',
      before: { outcome: 'fails', cause: 'version-too-old' },
      firmware: { before: '1', after: '2' },
      because: [{ what: 'firmware', path: 'version', from: '1', to: '2' }],
    });
  });
  test('a suite that the mode lost, and that is all that the device offers', () => {
    const difference = of('suite', 'strict');
    expect(difference).toMatchObject({
      kind: 'regressed',
      after: { outcome: 'fails', cause: 'no-shared-cipher' },
      because: [{ what: 'mode', path: 'suites' }],
    });
    const [reason] = difference?.because ?? [];
    const [from, to] = [reason?.from, reason?.to].map((list) => z.array(z.string()).parse(list));
    expect(from?.filter((s) => to?.includes(s) === false)).toEqual([ONLY_SUITE]);
  });
  test('a certificate profile: the device that checks it, and not the suite that it offers as well', () => {
    expect(of('verifies', 'strict')).toMatchObject({
      kind: 'regressed',
      after: { cause: 'certificate-dates' },
      because: [{ what: 'mode', path: 'certificate.minted', from: 'rsa-2048', to: 'expired' }],
    });
    expect(of('verifies', 'today')).toBeUndefined();
  });
  test('a fact of the device, under the same firmware: it lost the root that it was given', () => {
    expect(of('loses-root', 'today')).toMatchObject({
      kind: 'regressed',
      after: { outcome: 'fails', cause: 'certificate-untrusted' },
      because: [{ what: 'device-facts', path: 'emulated.verifies', from: 'imported', to: 'factory' }],
    });
  });
  test('another version of the harness, and another TLS library of the servers', () => {
    expect(of('steady', 'today')).toMatchObject({ kind: 'fixed', because: [{ what: 'harness', path: 'cutover' }] });
    expect(of('suite', 'today')).toMatchObject({ kind: 'fixed', because: [{ what: 'server', path: 'openssl' }] });
  });
  test('nothing known: it is asked three times more, and shown as flaky with its rate', () => {
    const [, path = ''] = readdirSync(join(out, 'runs')).sort();
    const { records } = readRecords(join(out, 'runs', path, 'records.jsonl'));
    const own = records.filter((r) => r.device.id === 'flaky');
    // The program's own count of what it sent, against what the mailboxes saw.
    expect(own.filter((r) => r.outcome === 'works').length).toBe(fleet.flakyLog().filter((l) => l === 'sent').length);
    const asked = own.filter((r) => r.mode === 'today' && r.role === 'question');
    expect(asked.map((r) => r.repeat ?? 0)).toEqual([0, 1, 2, 3]);
    expect(new Set(asked.map((r) => r.outcome === 'works')).size).toBe(2);
    const difference = of('flaky', 'today');
    expect(difference).toMatchObject({ kind: 'flaky', because: [{ what: 'nothing-known' }] });
    expect(difference?.after?.outcome).toBe('inconclusive');
    expect(difference?.answers?.map((a) => a.outcome)).toEqual(asked.map((r) => r.outcome));
    const worked = asked.filter((r) => r.outcome === 'works').length;
    expect(second.stdout).toMatch(new RegExp(`flaky +flaky/submit/plain-25/today +works → .*${worked} of 4: works`));
  });
  test('what nothing explains comes first in the table', () => {
    const table = second.stdout.slice(second.stdout.indexOf('Against baseline')).split('\n');
    expect(table[1]).toMatch(/^ +flaky /);
  });
  test('a device that is new is listed apart, one that is gone is missing', () => {
    expect(of('fresh', 'today')).toMatchObject({ kind: 'new', because: [] });
    expect(second.stdout).toContain('new, not yet accepted: 2 questions of fresh');
    expect(of('gone', 'strict')).toMatchObject({ kind: 'missing', before: { outcome: 'works' } });
  });
  test('nothing else differs', () => {
    const seeded = ['bump', 'flaky', 'fresh', 'gone', 'loses-root', 'steady', 'suite', 'verifies'];
    expect([...new Set(comparison.differences.map((d) => d.device))].sort()).toEqual(seeded);
    expect(of('steady', 'strict')).toBeUndefined();
    expect(of('flaky', 'strict')).toBeUndefined();
  });
});

test('diff names the same reasons for the two runs, as a table, as JSON and for a merge request', async () => {
  const [before = '', after = ''] = readdirSync(join(out, 'runs')).sort();
  const runs = [join(out, 'runs', before), join(out, 'runs', after)];
  const json = await cutover(['diff', ...runs, '--json']);
  expect(json.code).toBe(1);
  const { differences } = Comparison.parse(JSON.parse(json.stdout));
  const seeded = (d: Difference) => d.device !== 'steady' && !(d.device === 'suite' && d.mode === 'today');
  expect(differences.map(withoutSides)).toEqual(comparison.differences.filter(seeded).map(withoutSides));
  const markdown = (await cutover(['diff', ...runs, '--markdown'])).stdout;
  expect(markdown).toContain('- **flaky**, 1 device: nothing known: works → ');
  expect(markdown).toMatch(/- \*\*regressed\*\*, 1 device: strict: suites lost TLS.*no-shared-cipher.* — `suite`/);
  expect((await cutover(['diff', runs[0] ?? '', runs[0] ?? ''])).code).toBe(0);
});

function withoutSides({ key, kind, because }: Difference): object {
  return { key, kind, because: because.map(({ what, path }) => ({ what, path })) };
}
