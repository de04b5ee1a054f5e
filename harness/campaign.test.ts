import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPlans } from './campaign.ts';
import { concludeRuns } from './cli/conclusions.ts';
import { labOf, prepare } from './cli/prepare.ts';
import { installStacks } from './cli/stacks.ts';
import { writeReports } from './cli/write.ts';
import { openRunFolder, readRuns } from './records.ts';
import { openRig } from './rig.ts';

/** Characters that encoders treat differently, within what a device's keyboard has. */
const CANARY = 'Kanarie+7/w=Zq9%x&K';
/** Plaintext, refused and accepted sign-ins, CRAM-MD5, a cut-off password, fetching, PTY and SSH consoles. */
const DEVICES = [
  'emu-augenblick-short',
  'emu-hausbote-cram',
  'emu-kleinrechner-sammler',
  'emu-wachturm-basic',
  'emu-druckwerk-abruf',
  'emu-wegweiser-lte',
  'emu-druckwerk-scan',
];
const out = mkdtempSync(join(tmpdir(), 'cutover-canary-'));
let delivered = 0;

beforeAll(async () => {
  const { plans, devices, modes } = await prepare({ device: DEVICES });
  await installStacks(devices);
  using folder = openRunFolder(out, 'canary');
  folder.write('devices.json', devices);
  await using rig = await openRig({ modes, listen: '127.0.0.1', newPassword: () => CANARY });
  const { signal } = new AbortController();
  const onRecord = () => {};
  await runPlans(plans, labOf(rig, folder, { signal, onRecord, keepBodies: false, allowPrograms: false }), 4);
  const now = new Date().toISOString();
  const about = { cutover: 'test', node: process.version, openssl: '3', engine: 'embedded', listen: '127.0.0.1' };
  folder.write('run.json', {
    v: 1,
    run: 'canary',
    ...about,
    startedAt: now,
    endedAt: now,
    state: 'finished',
    modes,
    proofs: rig.proofs,
  });
  const runs = readRuns(out);
  delivered = runs.flatMap((r) => r.records).filter((r) => r.outcome === 'works').length;
  folder.write('verdicts.json', concludeRuns(runs).verdicts);
  expect(await writeReports(runs, { out, asOf: new Date(), language: 'de', pages: 'no-html' })).toBe(true);
}, 120_000);
afterAll(() => rmSync(out, { recursive: true }));

test('a password that devices typed and sent is in no file that the run left, in no encoding', () => {
  // Without deliveries the password was never used, and finding none would prove nothing.
  expect(delivered).toBeGreaterThan(10);
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(out, f)).isFile());
  expect(files.length).toBeGreaterThan(100);
  const leaks = files.flatMap((file) => spellingsIn(readFileSync(join(out, file))).map((s) => `${file}: ${s}`));
  expect(leaks).toEqual([]);
});

test('the search finds the password in every encoding', () => {
  const spelled = {
    raw: CANARY,
    'base64 alone': Buffer.from(CANARY).toString('base64'),
    'base64 of PLAIN': Buffer.from(`\0user\0${CANARY}`).toString('base64'),
    'base64 of PLAIN, other alignment': Buffer.from(`\0use\0${CANARY}`).toString('base64'),
    'base64 folded': Buffer.from(`xx${CANARY}`)
      .toString('base64')
      .replace(/(.{8})/g, '$1\r\n'),
    hex: Buffer.from(CANARY).toString('hex').toUpperCase(),
    'UTF-16': Buffer.from(CANARY, 'utf16le').toString('latin1'),
    'JSON in JSON': JSON.stringify(JSON.stringify(CANARY)).replaceAll('/', '\\/'),
    percent: encodeURIComponent(CANARY),
    HTML: CANARY.replaceAll('&', '&amp;'),
    'split over events': CANARY.split('')
      .map((c) => `[1.0,"o",${JSON.stringify(c)}]`)
      .join('\n'),
  };
  for (const [name, text] of Object.entries(spelled)) {
    expect(spellingsIn(Buffer.from(`\n${text}\n`, 'latin1')), name).not.toEqual([]);
  }
});

/** Which spellings of the canary a file holds. Written apart from harness/redact.ts, so that both would have to err. */
function spellingsIn(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1');
  const unfolded = text.replace(/[\r\n]|\\r|\\n/g, '');
  const events = [...text.matchAll(/^\[[\d.]+, ?"[io]", ?("(?:[^"\\]|\\.)*")\]$/gm)]
    .map((m) => String(JSON.parse(m[1] ?? '""')))
    .join('');
  const found: string[] = [];
  if ([text, events, text.replaceAll('\\', ''), text.replaceAll('&amp;', '&')].some((t) => t.includes(CANARY)))
    found.push('in the clear');
  if (unfolded.includes(encodeURIComponent(CANARY))) found.push('percent');
  if (text.replaceAll('\0', '').includes(CANARY)) found.push('UTF-16');
  if (unfolded.toLowerCase().replace(/[ :-]/g, '').includes(Buffer.from(CANARY).toString('hex'))) found.push('hex');
  for (const run of unfolded.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []) {
    for (let shift = 0; shift < 4; shift += 1) {
      if (Buffer.from(run.slice(shift), 'base64').includes(CANARY)) found.push('base64');
    }
  }
  return found;
}
