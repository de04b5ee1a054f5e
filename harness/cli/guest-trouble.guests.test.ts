import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasGuest, leftovers, ownKernel, SHELL } from '../drivers/qemu/guests-of-tests.ts';
import { readRuns } from '../records.ts';
import type { Record } from '../vocabulary/record.ts';
import { runIn } from './fake-fleet.ts';
import { startCutover } from './start-cutover.ts';

/** Guests that come to their prompt, and are in trouble when they are told to send. */
const here = await hasGuest('guests in trouble in a run');
const folder = mkdtempSync(join(tmpdir(), 'cutover-guest-trouble-'));
const devices = join(folder, 'devices');
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true }));

const mailProgram = (does: string) => `printf '#!/bin/sh\\n${does}\\n' > /bin/msmtp; chmod +x /bin/msmtp`;
const CRASH = 'echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger';
const QUIET = 'console=ttyS0 quiet';
const GUESTS = {
  'full-disk': {
    init: 'mount -t tmpfs -o size=64k tmpfs /tmp; dd if=/dev/zero of=/tmp/log 2>/dev/null',
    append: `${QUIET} panic=-1`,
    trouble: /could not write \/tmp\/msmtp\.conf: [^]*100% \/tmp \(file-not-written\)$/,
    screen: /tmpfs .* 100% \/tmp/,
  },
  floods: {
    init: mailProgram('exec yes "smtp: retry"'),
    append: `${QUIET} panic=-1`,
    trouble: /\(console-flood\)/,
    screen: /^smtp: retry$/m,
  },
  panics: {
    init: mailProgram(CRASH),
    append: `${QUIET} panic=-1`,
    trouble: /the console ended .*\(console-ended\)/,
    screen: /Kernel panic - not syncing: sysrq triggered crash/,
  },
  stops: {
    init: mailProgram(CRASH),
    append: `${QUIET} panic=0`,
    trouble: /nothing moved for 5 s .*\(console-timeout\)/,
    screen: /end Kernel panic - not syncing: sysrq triggered crash/,
  },
} as const;

let records: readonly Record[];

beforeAll(async () => {
  if (!here) return;
  mkdirSync(devices);
  for (const [id, { init, append }] of Object.entries(GUESTS)) {
    const kernel = await ownKernel(folder, `${init}\n${SHELL}`, 'panic');
    const reach = { ...kernel, append, login: [{ expect: '# $' }] };
    const file = `id: ${id}
vendor: Muster
model: Guest that ${id}
kind: os
client: msmtp
patience: { idleSeconds: 5, totalSeconds: 60 }
firmware: [{ version: '1', expect: { strict: { outcome: inconclusive, cause: device-trouble } } }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach: ${JSON.stringify(reach)}
`;
    writeFileSync(join(devices, `${id}.yaml`), file);
  }
  const args = ['--devices', devices, '--engine', 'embedded', '--mode', 'strict', '--out', out, '--no-reports'];
  const { child, ended } = startCutover(['run', ...args]);
  const { stderr } = await ended;
  const [run] = readRuns(out);
  if (run === undefined) throw new Error(`no run was left: ${stderr}`);
  expect(leftovers(child.pid)).toEqual([]);
  records = run.records;
}, 300_000);

test.skipIf(!here).for(Object.entries(GUESTS))(
  '%s: device trouble, with what the screen showed',
  ([id, { trouble, screen }]) => {
    const own = records.filter((record) => record.device.id === id);
    expect(own.length).toBeGreaterThan(0);
    for (const record of own) {
      expect(record).toMatchObject({ outcome: 'inconclusive', cause: 'device-trouble' });
      expect(record.evidence.device.trouble).toMatch(trouble);
      const shown = record.attachments.find(({ name }) => name === 'screen.txt');
      expect(readFileSync(join(runIn(out) ?? '', shown?.path ?? ''), 'utf8')).toMatch(screen);
    }
  },
);
