import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPrivateFolder } from '../drivers/guest/private-folder.ts';
import { hasGuest, leftovers, ownKernel } from '../drivers/qemu/guests-of-tests.ts';
import { startCutover } from './start-cutover.ts';

const here = await hasGuest('guests of a run that ends early');
const folder = mkdtempSync(join(tmpdir(), 'cutover-guest-ends-'));
const devices = join(folder, 'devices');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  if (!here) return;
  mkdirSync(devices);
  // It never comes to its prompt: whenever the run ends, the guest is there.
  const reach = { ...(await ownKernel(folder, 'exec sleep 1000', 'panic')), login: [{ expect: '# $' }] };
  const file = `id: own-guest
vendor: Muster
model: Guest that sleeps
kind: os
client: msmtp
firmware: [{ version: '1' }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach: ${JSON.stringify(reach)}
`;
  writeFileSync(join(devices, 'own-guest.yaml'), file);
});

/** A run whose guest is up; the emulator's process id. */
async function startRun(name: string) {
  const out = join(folder, name);
  const run = startCutover(['run', '--devices', devices, '--engine', 'embedded', '--out', out, '--no-reports']);
  const { pid } = run.child;
  if (pid === undefined) throw new Error('not started');
  while (!leftovers(pid).some((one) => one.includes('qemu-system'))) {
    if (run.child.exitCode !== null) throw new Error(`it ended: ${(await run.ended).stderr}`);
    await sleep(50);
  }
  return { ...run, pid };
}

test.skipIf(!here)(
  'Ctrl-C ends the guest before the run has ended, and leaves no process, socket or file',
  async () => {
    const { child, pid, ended } = await startRun('interrupted');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(leftovers(pid)).toEqual([]);
  },
);

test.skipIf(!here)('a guest ends when its run is killed, and the next guest removes its folder', async () => {
  const { child, pid, ended } = await startRun('killed');
  child.kill('SIGKILL');
  await ended;
  // Its terminal is closed by the kernel; the emulator ends by itself. A guest that stays would time out here.
  while (leftovers(pid).some((one) => one.includes('qemu-system'))) await sleep(50);
  expect(leftovers(pid)).toHaveLength(1);
  using next = openPrivateFolder();
  expect(next.path).toContain(`cutover-guest-${process.pid}-`);
  expect(leftovers(pid)).toEqual([]);
});
