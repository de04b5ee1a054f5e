import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openPty } from '../harness/drivers/pty.ts';
import type { Session } from '../harness/drivers/session.ts';
import { backslash, hex, quote, readSecret, writeMail, writeSettings } from './shell-steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-shell-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a shell, or a settings file, would like to take for something else. */
const HOSTILE = [
  `it's "quoted"`,
  '$(touch pwned) `touch pwned` ${HOME} $MAIL_PASSWORD',
  String.raw`back\slash\n\0 \c`,
  '-n',
  '--help',
  ' spaces at both ends ',
  '#no comment; & | < > * ? [a] {b} ~ ! %s',
  'Straße €',
];

/** The two shells of the lab's devices: dash, and bash, which keeps a history and expands `!`. */
const shells = ['sh', 'bash'].map((shell) => [shell] as const);
function openShell(shell: string) {
  return openPty({ program: shell, args: ['-i'], env: { PS1: '/ # ', HOME: folder, PATH: process.env['PATH'] ?? '' } });
}

describe.for(shells)('%s', ([shell]) => {
  test.for(HOSTILE)('a password stays what it is, and is no part of a transcript: %s', async (password) => {
    await using session = await openShell(shell);
    await readSecret(session, password);
    const file = join(folder, `settings ${shell}'s`);
    await writeSettings(session, file, [
      'first',
      { before: 'plain=', after: '', escape: 'none' },
      { before: 'quoted="', after: '" end', escape: 'backslash' },
      { before: '', after: '', escape: 'hex' },
    ]);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toEqual(['first', `plain=${password}`, `quoted="${backslash(password)}" end`, hex(password), '']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { cast, screen } = await session.takeTranscript();
    for (const text of [password, JSON.stringify(password).slice(1, -1)]) {
      // Two letters are in any text.
      if (text.length > 4) expect(cast + screen).not.toContain(text);
    }
  });

  test.for(HOSTILE)('what is typed is one word, and one line of settings: %s', async (text) => {
    await using session = await openShell(shell);
    await readSecret(session, 'Geheim-4711');
    const { output } = await session.run(`printf '<%s>' ${quote(text)}`);
    expect(output).toBe(`<${text}>`);
    const file = join(folder, 'values');
    await writeSettings(session, file, [text, `user "${backslash(text)}"`]);
    expect(readFileSync(file, 'utf8')).toBe(`${text}\nuser "${backslash(text)}"\n`);
  });

  test('a mail has its headers and a body of the ordered size', async () => {
    await using session = await openShell(shell);
    const file = join(folder, 'mail');
    await writeMail(session, MAIL, file);
    expect(readFileSync(file, 'utf8')).toBe(
      `From: o'brien@b.example\nTo: -n@d.example\nSubject: cutover-0000000000000001\n\n${'x'.repeat(72)}\n${'x'.repeat(28)}\n`,
    );
  });
});

test('a file that cannot be written is a fault of the device: nothing is sent instead of what was ordered', async () => {
  await using session = await openShell('sh');
  const full = {
    code: 'file-not-written',
    message: expect.stringMatching(/^the device could not write \/dev\/full: /),
  };
  await expect(writeMail(session, MAIL, '/dev/full')).rejects.toMatchObject(full);
  await readSecret(session, 'Geheim-4711');
  await expect(writeSettings(session, '/dev/full', ['tls on'])).rejects.toMatchObject(full);
  // And it is at its prompt.
  expect(await session.run('echo ready')).toEqual({ output: 'ready', exitCode: 0 });
});

test('what a terminal answers of its cursor in between is no part of the password', async () => {
  await using session = await openShell('sh');
  const late: Session = Object.assign(Object.create(session), {
    send: (text: string, options?: { readonly secret?: boolean }) =>
      session.send(options?.secret === true ? `\x1b[12;1R${text}` : text, options),
    expect: session.expect.bind(session),
  });
  await readSecret(late, 'Geheim[1;1R-4711');
  const file = join(folder, 'late');
  await writeSettings(session, file, [{ before: '', after: '', escape: 'none' }]);
  expect(readFileSync(file, 'utf8')).toBe('Geheim[1;1R-4711\n');
});

test.for(['two\nlines', 'a\ttab', 'end\r'])(
  'control characters are refused before anything is typed: %j',
  async (text) => {
    await using session = await openShell('sh');
    await expect(readSecret(session, text)).rejects.toMatchObject({ code: 'secret-not-typeable' });
    await expect(writeSettings(session, join(folder, 'x'), [text])).rejects.toMatchObject({
      code: 'setting-not-typeable',
    });
    expect((await session.takeTranscript()).screen).not.toContain(text.slice(0, 3));
  },
);

const ORDER = {
  setting: { id: 's', protocol: 'smtp', port: 587, security: 'starttls' } as const,
  host: 'smtp.example',
  port: 587,
  user: 'u',
  password: 'Geheim-4711',
  mails: 1,
};
const MAIL = {
  ...ORDER,
  from: `o'brien@b.example`,
  to: '-n@d.example',
  marker: 'cutover-0000000000000001',
  sizeBytes: 100,
};
