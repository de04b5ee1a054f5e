import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openPty } from '../../harness/drivers/pty.ts';
import { hasGuest } from '../../harness/drivers/qemu/guests-of-tests.ts';
import { readRecipe } from '../../harness/drivers/read-recipe.ts';
import type { Order } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { convertDisk, hasDiskTools, makeRawDisk } from './disk-of-tests.ts';

const CUTOVER = join(import.meta.dirname, '../../harness/cli/cutover.mjs');
const GUIDE = readFileSync(join(import.meta.dirname, 'own-image.md'), 'utf8');
const SECTION = GUIDE.slice(GUIDE.indexOf('## Only a screen'));
const [, YAML = ''] = /^```yaml\n([^]*?)^```$/m.exec(SECTION) ?? [];
const [ADDRESS = [], ATTEND = [], BOOT = []] = (/^```sh\n([^]*?)^```$/m.exec(SECTION)?.[1] ?? '')
  .split('\n')
  .map(wordsOf);

/** As a shell takes a line apart that has no quotes but double ones. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const isPossible = hasDiskTools('a system with a screen') && (await hasGuest('a system with a screen'));

/** Beside other tests a boot takes a minute. */
const LONG = { timeout: 300_000 };

/** What the person sees, and the hands that type. */
interface Attended {
  readonly type: (line: string) => void;
  /** The last text that fits, once there is one. */
  readonly see: (wanted: RegExp) => Promise<string>;
  readonly ended: Promise<number | null>;
}

/**
 * A network where only this test is: the guide gives the machine an address and takes the ports of mail. Our commands
 * start with what is returned.
 */
async function openOwnNetwork(): Promise<readonly string[]> {
  const keeper = spawn('unshare', [
    '--user',
    '--map-root-user',
    '--net',
    'sh',
    '-c',
    'ip link set lo up; echo; exec cat',
  ]);
  onTestFinished(async () => {
    keeper.stdin.end();
    await once(keeper, 'close');
  });
  await once(keeper.stdout, 'data');
  return ['nsenter', '--target', String(keeper.pid), '--user', '--net', '--preserve-credentials'];
}

function attend(inside: readonly string[], words: readonly string[], cwd: string): Attended {
  const [program = '', ...args] = [...inside, process.execPath, CUTOVER, ...words];
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const find = (wanted: RegExp) => wanted.exec(shown)?.[0] ?? '';
  return {
    type: (line) => void child.stdin.write(`${line}\n`),
    see: async (wanted) => {
      await expect.poll(() => find(wanted), { timeout: 60_000 }).not.toBe('');
      return find(wanted);
    },
    ended,
  };
}

/** What the prompt says is to be entered. */
function orderOf(prompt: string): Order {
  const entry = (name: string) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(prompt)?.[1] ?? '';
  return {
    setting: { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' },
    host: entry('host'),
    port: Number(entry('port')),
    user: entry('user'),
    password: entry('password'),
    from: entry('sender'),
    to: entry('recipient'),
    marker: 'a test mail',
    sizeBytes: 1000,
    mails: 1,
  };
}

/** Somebody who reads the screen of the guest; ours is a serial line, because nobody is here to look. */
async function logIn(guest: Session): Promise<void> {
  const waiting = { idleMs: 110_000, totalMs: 110_000 };
  await guest.expect({ login: /old-server login: $/ }, waiting);
  guest.send('root');
  await guest.expect({ password: /Password: $/ }, waiting);
  guest.send('guest');
  await guest.expect({ prompt: /# $/ }, waiting);
}

test.skipIf(!isPossible)('the guide leads a person from a system with a screen to its verdict', LONG, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-own-screen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['my-devices/os', 'my-devices/images', 'bin']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'my-devices/os/old-screen.yaml'), YAML);
  const raw = join(folder, 'raw');
  await makeRawDisk(raw, { reached: 'serial' });
  convertDisk(raw, 'qcow2', join(folder, 'my-devices/images/old-screen.qcow2'));
  // Every netcat will do; this one is here for other tests.
  symlinkSync('/bin/busybox', join(folder, 'bin/nc'));

  const inside = await openOwnNetwork();
  const [enter = '', ...how] = inside;
  const address = spawn(enter, [...how, ...ADDRESS], { stdio: ['ignore', 'inherit', 'inherit'] });
  expect(await once(address, 'close')).toEqual([0, null]);
  const person = attend(inside, [...ATTEND.slice(2), '--no-html', '--out', 'out'], folder);
  const boot = BOOT.map((word) =>
    word.replace('rtl8139', 'virtio-net-pci').replace('file=', `file=${join(folder, '/')}`),
  );
  await using guest = await openPty({
    program: enter,
    args: [...how, ...boot, '-display', 'none', '-serial', 'stdio', '-monitor', 'none'],
    env: { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  await logIn(guest);

  const recipe = await readRecipe('msmtp');
  person.type('1');
  const order = orderOf(await person.see(/^1 .*entering\n[^]*\(press 1\)$/m));
  expect(order).toMatchObject({ host: '10.0.2.100', port: 587 });
  person.type('1 p');
  await recipe.submit(guest, order);
  await person.see(/press 1: fails \(version-too-old\)[^]*\(press 2\)$/m);
  person.type('1 p');
  await recipe.submit(guest, order);
  await person.see(/^1 .*done, press 2: works\. send: legacy-only \(version-too-old\)$/m);
  person.type('end');
  expect(await person.ended).toBe(0);
});
