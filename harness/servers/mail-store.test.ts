import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMailStore, GUEST, WAITING_MARKER } from './mail-store.ts';
import { renderMail } from './waiting-mail.ts';

const MARKER = 'cutover-0123456789abcdef';

test('an account takes its user name or address, and says why a login fails without telling values', () => {
  const store = createMailStore();
  const account = store.openAccount();
  expect(account).toMatchObject({
    user: expect.stringMatching(/^geraet-[a-z0-9]{6}$/),
    password: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
    address: `${account.user}@cutover.example`,
  });
  expect(store.authenticate(account.user, account.password)).toEqual({ accepted: true, account });
  expect(store.authenticate(account.address, account.password)).toEqual({ accepted: true, account });

  const note = (user: string, password: string) => {
    const result = store.authenticate(user, password);
    return result.accepted ? 'accepted' : result.note;
  };
  expect(note(account.user, account.password.slice(0, 20))).toBe(
    "password shorter than the account's: first 20 of 24 characters",
  );
  expect(note(account.user, account.password.toUpperCase())).toBe('password differs in upper and lower case only');
  expect(note(account.user, `${account.password} `)).toBe('password with blanks around it');
  expect(note(account.user, '')).toBe('password empty');
  expect(note(account.user, `${account.password}x`)).toBe('wrong password');
  expect(note(account.address.slice(0, 16), account.password)).toBe(
    "user name shorter than the account's: first 16 characters",
  );
  expect(note('', account.password)).toBe('user name empty');
  expect(note('__proto__', account.password)).toBe('unknown user');
});

test('a digest is checked by RFC 2195, whose own example it passes', () => {
  const challenge = '<1896.697170952@postoffice.reston.mci.net>';
  // The example's password stands for ours: the same HMAC must come out for the check to mean anything.
  expect(createHmac('md5', 'tanstaaftanstaaf').update(challenge).digest('hex')).toBe(
    'b913a602c7eda7a495b4e6e7334d3890',
  );
  const store = createMailStore();
  const account = store.openAccount();
  const digest = createHmac('md5', account.password).update(challenge).digest('hex');
  expect(store.authenticateDigest(account.user, challenge, digest)).toEqual({ accepted: true, account });
  expect(store.authenticateDigest(account.user, challenge, digest.toUpperCase())).toMatchObject({ accepted: true });
  expect(store.authenticateDigest(account.user, '<another>', digest)).toEqual({
    accepted: false,
    note: 'wrong password',
  });
});

test.for([
  ['as it stands', `Subject: ${MARKER}\r\n\r\n`],
  ['in a base64 subject', `Subject: =?utf-8?B?${btoa(`Scan ${MARKER}`)}?=\r\n\r\n`],
  [
    'over two encoded words',
    `Subject: =?utf-8?B?${btoa('Scan cutover-012')}?=\r\n =?utf-8?Q?3456789abcdef_x?=\r\n\r\n`,
  ],
  ['in a base64 body', `X: y\r\n\r\n${btoa(`Dear owner, ${MARKER} is here`).replace(/.{20}/g, '$&\r\n')}\r\n`],
  ['in a quoted-printable body', 'X: y\r\n\r\n=63utover-0123456=\r\n789abcdef\r\n'],
])('a marker %s counts one mail', ([, text]) => {
  const store = createMailStore();
  const delivery = store.openDelivery();
  for (const byte of Buffer.from(text!)) delivery.write(Buffer.from([byte]));
  expect(delivery.finish()).toMatchObject({ bytes: text!.length, markers: [MARKER] });
  expect(store.arrived(MARKER)).toBe(1);
});

test('a mail that was not finished never arrived, and no text of a mail is kept', () => {
  const store = createMailStore();
  store.openDelivery().write(Buffer.from(MARKER));
  expect(store.arrived(MARKER)).toBe(0);
  const delivery = store.openDelivery();
  delivery.write(Buffer.from('secret page'));
  expect(JSON.stringify(delivery.finish())).not.toContain('secret page');
});

test('a waiting mail has the size that was ordered and its marker in subject and text', () => {
  const store = createMailStore();
  const account = store.openAccount();
  store.putMail(account, MARKER, 1_000_000);
  store.putMail(account, MARKER, 0);
  const [big, small] = store.mailbox(account).list();
  for (const mail of [big!, small!]) {
    const text = renderMail(mail).toString();
    expect(text).toHaveLength(mail.bytes);
    expect(text.match(/cutover-[a-z0-9]{16}/g)).toHaveLength(3);
    expect(text.endsWith('\r\n')).toBe(true);
    expect(/[^\r]\n|\r[^\n]/.test(text)).toBe(false);
  }
  expect(big!.bytes - small!.bytes).toBe(999_998);
  expect(store.mailbox(store.openAccount()).list()).toEqual([]);
});

test('any login finds one waiting mail of its own, a new one each time, and its name is kept nowhere', () => {
  const store = createMailStore({ acceptsAnyLogin: true });
  const logins = [store.authenticate('hans', 'x'), store.authenticate('hans', ''), store.authenticate('', 'y')];
  const mails = logins.map((login) => {
    if (!login.accepted) throw new Error(login.note);
    expect(login.account).toMatchObject({ user: GUEST, password: '' });
    const box = store.mailbox(login.account);
    const [mail, ...others] = box.list();
    expect(others).toEqual([]);
    expect(mail!.marker).toBe(WAITING_MARKER);
    box.remove([mail!]);
    expect(box.list()).toEqual([]);
    return mail!.uid;
  });
  expect(new Set(mails).size).toBe(3);
});

test('a digest is taken as it is, if it is one; an account of the run is told by its name', () => {
  const store = createMailStore({ acceptsAnyLogin: true });
  const own = store.openAccount();
  expect(store.authenticateDigest('hans', '<1@x>', 'a'.repeat(32))).toMatchObject({ accepted: true });
  expect(store.authenticateDigest('hans', '<1@x>', 'secret')).toEqual({ accepted: false, note: 'digest malformed' });
  expect(store.authenticate(own.address, 'cut off')).toMatchObject({ accepted: true, account: { user: own.user } });
});
