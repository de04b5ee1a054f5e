import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabFault } from '../../faults.ts';
import { AT_PROMPT, CONTEXT, guestDevice, hasGuest, leftovers, ownKernel, SHELL } from './guests-of-tests.ts';
import { openGuest } from './open-guest.ts';

const here = await hasGuest('guests in trouble');
const folder = mkdtempSync(join(tmpdir(), 'cutover-trouble-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The fault of a guest that never comes to its prompt. */
async function faultOf(init: string, more: object): Promise<LabFault> {
  const { device, reach } = guestDevice({ ...(await ownKernel(folder, init, 'panic')), ...AT_PROMPT, ...more });
  const opening = openGuest(device, reach, CONTEXT, { waiting: { idleMs: 3000 } });
  const fault: unknown = await opening.then(
    () => null,
    (error) => error,
  );
  if (!(fault instanceof LabFault)) throw new Error('it came to its prompt', { cause: fault });
  return fault;
}

describe.skipIf(!here)('a guest that never comes to its prompt is device trouble with its last screen', () => {
  let faults: Readonly<Record<'panics' | 'stops' | 'isSilent' | 'floods' | 'isSlow' | 'refuses', LabFault>>;
  beforeAll(async () => {
    // Side by side: most of them are waited for.
    const [panics, stops, isSilent, floods, isSlow, refuses] = await Promise.all([
      faultOf('echo "rc.d is damaged"; exit 1', {}),
      faultOf('echo "rc.d is damaged"; exit 1', {
        append: 'console=ttyS0 quiet panic=0',
        boot: [{ expect: 'end Kernel' }],
      }),
      faultOf('echo "Starting services ... done"; exec sleep 1000', { boot: [{ expect: 'done' }] }),
      faultOf('exec yes "eth0: link is down"', {}),
      faultOf('exec sleep 1000', { bootSeconds: 1 }),
      faultOf(SHELL, { machine: 'no-such-machine' }),
    ]);
    faults = { panics, stops, isSilent, floods, isSlow, refuses };
  });
  afterAll(() => expect(leftovers()).toEqual([]));

  test('because it panics, which ends it at once', () => {
    const { code, message, transcript } = faults.panics;
    expect(code).toBe('guest-not-booted');
    expect(message).toMatch(/Kernel panic - not syncing: Attempted to kill init!.*; the console ended .*exit code 0/);
    expect(transcript?.screen).toMatch(/rc\.d is damaged[^]*Kernel panic - not syncing: Attempted to kill init/);
  });

  test('because its kernel has stopped', () => {
    const { message, transcript } = faults.stops;
    expect(message).toMatch(
      /^the guest did not come to its prompt: Kernel panic - .*; nothing moved for 3 s .*console-timeout/,
    );
    expect(transcript?.screen).toMatch(/rc\.d is damaged[^]*end Kernel panic/);
  });

  test('because it has none', () => {
    const { message, transcript } = faults.isSilent;
    expect(message).toMatch(/nothing moved for 3 s .*console-timeout/);
    expect(transcript?.screen).toBe('Starting services ... done');
  });

  test('because it has not booted in time', () => {
    expect(faults.isSlow.message).toMatch(/it was not done after \d(\.\d+)? s while waiting for .*console-timeout/);
  });

  test('because it floods its console, of which little is kept', () => {
    const { message, transcript } = faults.floods;
    expect(message).toMatch(/console-flood/);
    expect(transcript?.screen.split('\n')).toContain('eth0: link is down');
    expect(transcript?.cast.length).toBeLessThan(300_000);
  });

  test('because its emulator refuses to start, and says why', () => {
    const { code, message } = faults.refuses;
    expect(code).toBe('guest-not-started');
    expect(message).toMatch(/ended with exit code 1; it said: .*unsupported machine type/);
  });
});

test.skipIf(!here)('a guest that ends, or an emulator that hangs, ends its session and leaves nothing', async () => {
  const { device, reach } = guestDevice({ ...(await ownKernel(folder, SHELL, 'panic')), ...AT_PROMPT });
  {
    await using session = await openGuest(device, reach, CONTEXT, {});
    const [pid] = leftovers().flatMap((line) => /^(\d+): \S*qemu-system/.exec(line)?.[1] ?? []);
    process.kill(Number(pid), 'SIGSTOP');
    await expect(session.run('true', { idleMs: 500 })).rejects.toMatchObject({ code: 'console-timeout' });
  }
  expect(leftovers()).toEqual([]);
});
