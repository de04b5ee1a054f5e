import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Order } from '../../harness/drivers/recipe.ts';
import { openPty } from '../../harness/drivers/pty.ts';
import type { Setting } from '../../harness/vocabulary/trial.ts';
import relayedShell from './relayed-shell.ts';

/** A shell with programs of the device's names that write down what they were told. */
const programs = mkdtempSync(join(tmpdir(), 'cutover-relayed-'));
const told = join(programs, 'told');
afterAll(() => rmSync(programs, { recursive: true }));
beforeEach(() => {
  writeFileSync(told, '');
  install('mailput', `printf 'password: '; read -r secret; echo "mailput $* $secret" >> ${told}`);
  install('relay-to', `echo "relay-to $*" >> ${told}`);
});

function install(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function openShell() {
  return openPty({ program: 'sh', args: ['-i'], env: { PS1: '/ # ', PATH: `${programs}:/usr/bin:/bin` } });
}

function order(setting: Setting): Order {
  return {
    setting,
    host: 'smtp.example',
    port: 40_465,
    user: 'u',
    password: 'Geheim-4711',
    from: 'a@b.example',
    to: 'c@d.example',
    marker: 'cutover-0000000000000001',
    sizeBytes: 100,
    mails: 1,
  };
}

const DIRECT: Setting = { id: 'direct', protocol: 'smtp', port: 587, security: 'starttls' };
const RELAYED: Setting = { id: 'relayed', protocol: 'smtp', port: 465, security: 'implicit', via: 'relay' };

test('without a relay the device is told the server', async () => {
  await using session = await openShell();
  expect(await relayedShell.submit(session, order(DIRECT))).toMatchObject({ said: 'sent' });
  expect(readFileSync(told, 'utf8')).toMatch(/^mailput -h smtp\.example -p 40465 -e yes .* Geheim-4711\n$/);
});

test('with one, the relay is told the server and the device the relay', async () => {
  await using session = await openShell();
  expect(await relayedShell.submit(session, order(RELAYED))).toMatchObject({ said: 'sent' });
  const [relay, device] = readFileSync(told, 'utf8').split('\n');
  expect(relay).toBe('relay-to smtp.example 40465');
  expect(device).toMatch(/^mailput -h 127\.0\.0\.2 -p 465 -e wrap .* Geheim-4711$/);
});

test('a relay that does not start is trouble of the lab, and the device is not asked', async () => {
  install('relay-to', 'echo "no such certificate"; exit 1');
  await using session = await openShell();
  await expect(relayedShell.submit(session, order(RELAYED))).rejects.toMatchObject({
    code: 'relay-not-started',
    message: expect.stringContaining('no such certificate'),
  });
  expect(readFileSync(told, 'utf8')).toBe('');
});
