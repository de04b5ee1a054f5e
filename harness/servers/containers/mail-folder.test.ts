import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openMailFolder } from './mail-folder.ts';

const MARKER = 'cutover-0123456789abcdef';
const top = mkdtempSync(join(tmpdir(), 'cutover-mail-folder-'));
afterAll(() => rmSync(top, { recursive: true }));

let opened = 0;
function openTestFolder() {
  const path = join(top, String(++opened));
  return { path, folder: openMailFolder(path) };
}

/** As virtual(8) of Postfix 3.7 writes a mail that smtpd(8) took in. */
function deliver(path: string, name: string, queueId: string, mail: string, helo = 'printer'): void {
  const above = [
    'Return-Path: <scan@office.example>',
    'Delivered-To: arrived@cutover.invalid',
    `Received: from ${helo} (unknown [172.18.0.1])`,
    `\tby smtp.variomedia.de (Postfix) with ESMTPSA id ${queueId}`,
    '\tfor <boss@home.example>; Tue, 24 Nov 2026 13:20:55 +0000 (UTC)',
  ].join('\n');
  writeFileSync(join(path, 'arrived', 'new', name), `${above}\n${mail.replaceAll('\r\n', '\n')}`);
}

test('a mail arrives once, as it was sent, and nothing of it stays', () => {
  const { path, folder } = openTestFolder();
  const mail = `Received: from inside by printer with HTTP id 99999\r\nSubject: ${MARKER}\r\n\r\nLine\r\n.\r\n\r\n`;
  deliver(path, '1.first', '4jYk2v5gldzH0Yj', mail);
  deliver(path, '2.other-recipient', '4jYk2v5gldzH0Yj', mail);
  expect(folder.arrived(MARKER)).toBe(1);
  expect(folder.received('4jYk2v5gldzH0Yj')).toEqual({
    bytes: mail.length,
    sha256: createHash('sha256').update(mail).digest('hex'),
    markers: [MARKER],
  });
  expect(folder.received('4jYk2v5gldzH0Yk')).toBeNull();
  expect(readdirSync(join(path, 'arrived', 'new'))).toEqual([]);

  deliver(path, '3.again', '4jYk302KH8zH0cg', mail);
  expect(folder.received('4jYk302KH8zH0cg')).toMatchObject({ bytes: mail.length });
  expect(folder.arrived(MARKER)).toBe(2);
});

test('what a client calls itself does not make its mail another one', () => {
  const { path, folder } = openTestFolder();
  deliver(path, '1', '4jYk2v5gldzH0Yj', `Subject: ${MARKER}\r\n\r\n`, 'x by y (Postfix) with ESMTP id 4jYk302KH8zH0cg');
  expect(folder.received('4jYk302KH8zH0cg')).toBeNull();
  expect(folder.received('4jYk2v5gldzH0Yj')).toMatchObject({ markers: [MARKER] });
});

test('a mail bigger than what is read at once has the length and hash of the whole', () => {
  const { path, folder } = openTestFolder();
  const mail = `Subject: scan\r\n\r\n${MARKER}\r\n${`${'x'.repeat(997)}\r\n`.repeat(3_000)}`;
  deliver(path, '1', '4jYk2v5gldzH0Yj', mail);
  const sha256 = createHash('sha256').update(mail).digest('hex');
  expect(folder.received('4jYk2v5gldzH0Yj')).toEqual({ bytes: mail.length, sha256, markers: [MARKER] });
});

test('what no client brought, or is no mail, does not arrive', () => {
  const { path, folder } = openTestFolder();
  const arrived = join(path, 'arrived', 'new');
  // As bounce(8) writes it: Received has no "with".
  const received = 'Received: by smtp.variomedia.de (Postfix)\n\tid 4jYk2v5gldzH0Yj; Tue, 24 Nov 2026 13:20:55 +0000';
  writeFileSync(join(arrived, '1'), `Return-Path: <>\n${received}\nSubject: Undelivered\n\n${MARKER}\n`);
  writeFileSync(join(arrived, '2'), '');
  writeFileSync(join(arrived, '3'), `${MARKER}\n`);
  expect(folder.arrived(MARKER)).toBe(0);
  expect(readdirSync(arrived)).toEqual([]);
});

test('a link among the mails is not followed, and does not keep others from arriving', () => {
  const { path, folder } = openTestFolder();
  const secret = join(path, 'secret');
  writeFileSync(secret, `Received: x\n\tby y (Postfix) with ESMTP id 4jYk2v5gldzH0Yj\n${MARKER}\n`);
  symlinkSync(secret, join(path, 'arrived', 'new', '0.link'));
  deliver(path, '1', '4jYk302KH8zH0cg', `Subject: ${MARKER}\r\n\r\n`);
  expect(folder.arrived(MARKER)).toBe(1);
  expect(folder.received('4jYk2v5gldzH0Yj')).toBeNull();
  expect(readFileSync(secret, 'latin1')).toContain(MARKER);
});

test('an account is a passwd-file of its own, which holds the password in one field', () => {
  const path = join(top, 'accounts');
  const password = 'a:b c{d}';
  const account = openMailFolder(path, { newPassword: () => password }).openAccount();
  const fields = readFileSync(join(path, 'accounts', account.user), 'utf8')
    .trim()
    .split(':');
  expect(fields).toEqual([account.user, `{PLAIN.b64}${Buffer.from(password).toString('base64')}`]);
  expect(readdirSync(join(path, 'tmp'))).toEqual([]);
});

test('a waiting mail lies in its account alone, with the length that was ordered, until it is thrown away', () => {
  const { path, folder } = openTestFolder();
  const [account, other] = [folder.openAccount(), folder.openAccount()];
  folder.putMail(account, MARKER, 5_000);
  const box = (user: string) => join(path, 'mail', user, 'Maildir', 'new');
  const [name = ''] = readdirSync(box(account.user));
  const text = readFileSync(join(box(account.user), name), 'latin1');
  expect(text).toContain(`Subject: ${MARKER}`);
  expect(folder.waiting(MARKER)).toEqual({ bytes: text.length, bodyBytes: text.split('\r\n\r\n')[1]?.length });
  expect(readdirSync(box(other.user))).toEqual([]);
  folder.clearMail(account);
  expect(readdirSync(box(account.user))).toEqual([]);
});

test('a refused login is noted like on the embedded servers', () => {
  const { folder } = openTestFolder();
  const { user, password, address } = folder.openAccount();
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
  expect(folder.noteLogin(address, sha1(password.slice(0, 16)))).toBe(
    "password shorter than the account's: first 16 of 24 characters",
  );
  expect(folder.noteLogin(user, null)).toBe('wrong password');
  expect(folder.noteLogin('somebody', sha1(password))).toBe('unknown user');
});
