import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openPty } from '../../harness/drivers/pty.ts';
import type { Order } from '../../harness/drivers/recipe.ts';
import type { Setting } from '../../harness/vocabulary/trial.ts';
import wokenShell from './woken-shell.ts';

/** A shell with programs of the device's names that write down what they were told. */
const programs = mkdtempSync(join(tmpdir(), 'cutover-woken-'));
const told = join(programs, 'told');
afterAll(() => rmSync(programs, { recursive: true }));
beforeEach(() => {
  writeFileSync(told, '');
  for (const name of ['mailput', 'mailget']) {
    const script = `printf 'password: '; read -r secret; echo "${name} $* $secret" >> ${told}`;
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
});

function openShell() {
  return openPty({ program: 'sh', args: ['-i'], env: { PS1: '/ # ', PATH: `${programs}:/usr/bin:/bin` } });
}

const SUBMIT: Setting = { id: 'direct', protocol: 'smtp', port: 587, security: 'starttls' };
const FETCH: Setting = { id: 'fetch', protocol: 'pop3', port: 995, security: 'implicit' };

function order(setting: Setting): Order {
  const mail = { from: 'a@b.example', to: 'c@d.example', marker: 'cutover-0000000000000001', sizeBytes: 100, mails: 1 };
  return { setting, host: 'smtp.example', port: setting.port, user: 'u', password: 'Geheim-4711', ...mail };
}

test('a console that showed its prompt long ago is told what to send and what to fetch', async () => {
  await using session = await openShell();
  // What a guest had printed is gone when it is brought back to how it stood.
  await session.expect({ prompt: /\/ # / });
  expect(await wokenShell.submit(session, order(SUBMIT))).toMatchObject({ said: 'sent', exitCode: 0 });
  await session.expect({ prompt: /\/ # / });
  expect(await wokenShell.fetch?.(session, order(FETCH))).toMatchObject({ said: 'sent', exitCode: 0 });
  expect(readFileSync(told, 'utf8').split('\n')).toEqual([
    expect.stringMatching(/^mailput -h smtp\.example -p 587 -e yes .* Geheim-4711$/),
    expect.stringMatching(/^mailget -P pop3 -h smtp\.example -p 995 -e wrap .* Geheim-4711$/),
    '',
  ]);
});

test('one that still shows it is told the same', async () => {
  await using session = await openShell();
  expect(await wokenShell.submit(session, order(SUBMIT))).toMatchObject({ said: 'sent', exitCode: 0 });
  expect(await wokenShell.submit(session, order(SUBMIT))).toMatchObject({ said: 'sent', exitCode: 0 });
  expect(readFileSync(told, 'utf8').trim().split('\n')).toHaveLength(2);
});
