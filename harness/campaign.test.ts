import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPlans } from './campaign.ts';
import { concludeRuns } from './cli/conclusions.ts';
import { prepare } from './cli/prepare.ts';
import { labOf } from './cli/run-lab.ts';
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
/** The console's password, which a device file names and the environment holds. */
const CONSOLE_CANARY = 'Konsole+9/v=Yz4%q&M';
const SCANNED_PAGE = 'Kontoauszug-Seite-eins';
const out = mkdtempSync(join(tmpdir(), 'cutover-canary-'));

/**
 * A device that tells everything it knows: both passwords in base64 and hex on its console, the console's as its name
 * to the server, and the page it scanned whether or not the server takes mail.
 */
const TELLTALE = `
printf 'login: '; read -r u; printf 'Password: '; read -rs p; printf '/ # '
while read -r cmd args; do
  case "$cmd" in
    mailput)
      stty -echo; printf 'password: '; read -r mp; stty echo; echo
      for s in "$p" "$mp"; do printf 'debug %s %s\\n' "$(printf %s "$s" | base64)" "$(printf %s "$s" | od -An -tx1)"; done
      host=$(echo "$args" | sed 's/.*-h \\([^ ]*\\).*/\\1/'); port=$(echo "$args" | sed 's/.*-p \\([0-9]*\\).*/\\1/')
      exec 3<>"/dev/tcp/$host/$port"
      read -r -t 3 line <&3
      printf 'EHLO %s\\r\\n' "$p" >&3; sleep .1
      printf 'MAIL FROM:<a@b>\\r\\nRCPT TO:<c@d>\\r\\nDATA\\r\\n' >&3; sleep .1
      printf 'Subject: x\\r\\n\\r\\n${SCANNED_PAGE}\\r\\n.\\r\\nQUIT\\r\\n' >&3; sleep .1
      exec 3>&-; printf '/ # ';;
    echo) echo 1; printf '/ # ';;
  esac
done
`;
const TELLTALE_DEVICE = `id: telltale
vendor: Test
model: Telltale
kind: nas
firmware: [{ version: '1' }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach:
  driver: pty
  program: [bash, PROGRAM]
  login:
    - { expect: 'login: $', send: admin }
    - { expect: 'Password: $', secretEnv: CUTOVER_TEST_CONSOLE }
client: tiny-shell
patience: { idleSeconds: 4, totalSeconds: 15 }
`;
let delivered = 0;
let told: readonly string[] = [];

beforeAll(async () => {
  const fleet = await prepare({ device: DEVICES });
  const folderOfOwn = mkdtempSync(join(tmpdir(), 'cutover-telltale-'));
  writeFileSync(join(folderOfOwn, 'telltale.sh'), TELLTALE);
  writeFileSync(
    join(folderOfOwn, 'telltale.yaml'),
    TELLTALE_DEVICE.replace('PROGRAM', join(folderOfOwn, 'telltale.sh')),
  );
  process.env['CUTOVER_TEST_CONSOLE'] = CONSOLE_CANARY;
  const own = await prepare({ devices: folderOfOwn });
  const { modes } = fleet;
  const devices = [...fleet.devices, ...own.devices];
  await installStacks(devices, new AbortController().signal);
  using folder = openRunFolder(out, 'canary');
  folder.write('devices.json', devices);
  await using rig = await openRig({ modes, listen: '127.0.0.1', newPassword: () => CANARY });
  const { signal } = new AbortController();
  const onRecord = () => {};
  await runPlans(
    [...fleet.plans, ...own.plans],
    labOf({ rig, fleet: null, missing: new Map() }, folder, {
      signal,
      onRecord,
      keepBodies: false,
      allowPrograms: true,
    }),
    4,
  );
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
  told = runs
    .flatMap((r) => r.records)
    .filter((r) => r.device.id === 'telltale')
    .flatMap((r) => r.evidence.wire.connections.flatMap((c) => c.dialogue.map((line) => line.text)));
  folder.write('verdicts.json', concludeRuns(runs).verdicts);
  expect(await writeReports(runs, { out, asOf: new Date(), language: 'de', pages: 'no-html' })).toBe(true);
}, 120_000);
afterAll(() => rmSync(out, { recursive: true }));

test('passwords that devices typed and sent, and the page they scanned, are in no file that the run left', () => {
  // Without deliveries the password was never used, and finding none would prove nothing.
  expect(delivered).toBeGreaterThan(10);
  expect(told.filter((line) => line.startsWith('EHLO **')).length).toBeGreaterThan(2);
  expect(told).toContain('DATA');
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(out, f)).isFile());
  expect(files.length).toBeGreaterThan(100);
  const secrets = [CANARY, CONSOLE_CANARY, SCANNED_PAGE];
  const leaks = files.flatMap((file) =>
    secrets.flatMap((secret) =>
      spellingsIn(readFileSync(join(out, file)), secret).map((how) => `${file}: ${secret} ${how}`),
    ),
  );
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
function spellingsIn(bytes: Buffer, secret: string = CANARY): readonly string[] {
  const text = bytes.toString('latin1');
  const unfolded = text.replace(/[\r\n]|\\r|\\n/g, '');
  const events = [...text.matchAll(/^\[[\d.]+, ?"[io]", ?("(?:[^"\\]|\\.)*")\]$/gm)]
    .map((m) => String(JSON.parse(m[1] ?? '""')))
    .join('');
  const found: string[] = [];
  if ([text, events, text.replaceAll('\\', ''), text.replaceAll('&amp;', '&')].some((t) => t.includes(secret)))
    found.push('in the clear');
  if (unfolded.includes(encodeURIComponent(secret))) found.push('percent');
  if (text.replaceAll('\0', '').includes(secret)) found.push('UTF-16');
  if (unfolded.toLowerCase().replace(/[ :-]/g, '').includes(Buffer.from(secret).toString('hex'))) found.push('hex');
  for (const run of unfolded.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []) {
    for (let shift = 0; shift < 4; shift += 1) {
      if (Buffer.from(run.slice(shift), 'base64').includes(secret)) found.push('base64');
    }
  }
  return found;
}
