import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDevice } from '../device-files.ts';
import type { OpenContext } from '../drivers/open.ts';
import { openGuest } from '../drivers/qemu/open-guest.ts';
import { planGuest } from '../drivers/qemu/plan-guest.ts';
import { HarnessFault } from '../faults.ts';
import { type GuestImage, findGuestImage } from '../guests/find.ts';
import { Device } from '../vocabulary/device.ts';
import type { Figure } from './bench.ts';
import { runTimed } from './run-timed.ts';

const DEVICES = join(import.meta.dirname, '..', '..', 'devices', 'guests');
const X86_64 = 'guest-old-linux';
const MIPS = 'guest-mips-router';
const SIDE_BY_SIDE = ['guest-old-linux', 'guest-wrong-clock', 'guest-password-change', 'guest-mips-router'];

/**
 * All images from an empty cache; from nothing to the login prompt, beside the same QEMU without the driver; and what four
 * guests side by side hold in memory, emulators and relays together. Emulated, not virtualised: the slower case.
 */
export async function benchGuests(): Promise<readonly Figure[]> {
  const built = await benchImages();
  try {
    return [
      ...built,
      ...(await benchBoot('x86_64', X86_64, 8)),
      ...(await benchBoot('MIPS', MIPS, 15)),
      await benchMemory(),
    ];
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    console.log(`  guests are not measured: ${fault.message} (${fault.advice ?? ''})`);
    return built;
  }
}

async function benchImages(): Promise<readonly Figure[]> {
  const cache = mkdtempSync(join(tmpdir(), 'cutover-bench-guests-'));
  const usual = process.env['XDG_CACHE_HOME'];
  try {
    process.env['XDG_CACHE_HOME'] = cache;
    const { seconds } = await runTimed(['guests', 'build']);
    const again = await runTimed(['guests', 'build']);
    return [
      { name: 'guests: all images from an empty cache', value: seconds, unit: 's', limit: { atMost: 240 } },
      { name: 'guests: all images are there', value: again.seconds, unit: 's', limit: { atMost: 3 } },
    ];
  } finally {
    if (usual === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = usual;
    rmSync(cache, { recursive: true });
    // The parts that follow boot those of the usual cache.
    await runTimed(['guests', 'build']);
  }
}

async function benchBoot(name: string, id: string, atMost: number): Promise<readonly Figure[]> {
  const bare = await bootBare(id);
  const driven = await timed(async () => {
    await using guest = await openAtLogin(id);
    return guest.facts;
  });
  return [
    { name: `guests, ${name}: QEMU alone to its login prompt`, value: bare.seconds, unit: 's' },
    // What is left of the time is others' on a busy machine.
    { name: `guests, ${name}: of that on a processor`, value: bare.processorSeconds, unit: 's' },
    { name: `guests, ${name}: to the login prompt`, value: driven, unit: 's', limit: { atMost } },
    { name: `guests, ${name}: of QEMU alone`, value: (100 * driven) / bare.seconds, unit: '%' },
  ];
}

interface Boot {
  readonly seconds: number;
  readonly processorSeconds: number;
}

/** The same machine until its login prompt, started by hand: no way out, no monitor, no state to keep. */
async function bootBare(id: string): Promise<Boot> {
  const { reach } = readDevice(join(DEVICES, `${id}.yaml`));
  if (reach?.driver !== 'qemu') throw new Error(`${id} is no guest of QEMU`);
  const plan = await planGuest(reach);
  const image: GuestImage = await findGuestImage(reach.image ?? '');
  if (image.kind !== 'boot') throw new Error(`${id} has no kernel`);
  const args = [
    ['-nodefaults', '-display', 'none', '-machine', plan.machine, '-accel', 'tcg', '-m', String(plan.memoryMb)],
    plan.cpu === undefined ? [] : ['-cpu', plan.cpu],
    ['-serial', 'stdio', '-kernel', image.kernel, '-initrd', image.initrd, '-append', plan.append],
    ['-netdev', 'user,id=way,restrict=on', '-device', `${plan.network},netdev=way`],
  ].flat();
  let processorSeconds = 0;
  const seconds = await timed(async () => {
    const qemu = spawn(plan.emulator, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await sawLogin(qemu);
      processorSeconds = processorSecondsOf(qemu.pid ?? 0);
    } finally {
      qemu.kill('SIGKILL');
      await once(qemu, 'close');
    }
  });
  return { seconds, processorSeconds };
}

/** Fields 14 and 15 of proc(5), pid/stat, in hundredths of a second. */
function processorSecondsOf(pid: number): number {
  const fields = readProc(`${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function sawLogin(qemu: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    qemu.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('login: ')) resolve();
    });
    qemu.on('error', reject);
    qemu.on('exit', () => reject(new Error(`QEMU ended: ${text.slice(-500)}`)));
  });
}

async function benchMemory(): Promise<Figure> {
  await using open = new AsyncDisposableStack();
  for (const guest of await Promise.all(SIDE_BY_SIDE.map(openAtLogin))) open.use(guest);
  return {
    name: 'guests: four side by side, memory',
    value: childrenOf(process.pid).reduce((sum, pid) => sum + proportionalMegabytes(pid), 0),
    unit: 'MB',
    limit: { atMost: 1_500 },
  };
}

/** The guest of a device file, logged in no further than its login prompt. */
async function openAtLogin(id: string) {
  const { reach, ...rest } = readDevice(join(DEVICES, `${id}.yaml`));
  const device = Device.parse({ ...rest, reach: { ...reach, login: [{ expect: 'login: $' }] } });
  if (device.reach?.driver !== 'qemu') throw new Error(`${id} is no guest of QEMU`);
  return openGuest(device, device.reach, CONTEXT, { waiting: { idleMs: 120_000, totalMs: 120_000 } });
}

const CONTEXT: OpenContext = {
  firmware: '',
  roots: { factory: '', run: '' },
  allowPrograms: false,
  signal: new AbortController().signal,
};

/** Of all depths: proc(5), task/TID/children. */
function childrenOf(pid: number): readonly number[] {
  const children = readProc(`${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}

/** What several share counts in parts: proc(5), smaps_rollup. */
const proportionalMegabytes = (pid: number) =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readProc(`${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;

function readProc(path: string): string {
  try {
    return readFileSync(join('/proc', path), 'utf8');
  } catch {
    return '';
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
