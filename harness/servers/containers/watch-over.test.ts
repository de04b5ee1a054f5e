import { expect, test } from 'vitest';
import type { RunningContainer } from '../../containers/contract.ts';
import type { Greeting } from './await-greetings.ts';
import { isStorageTrouble } from './blame-mode.ts';
import { watchOver } from './watch-over.ts';

/** A container that ends when it is told to, and is started again by nothing but `restart`. */
function fakeContainer() {
  const container = {
    id: 'fake',
    address: '192.0.2.1',
    published: new Map<number, number>(),
    trouble: null as string | null,
    restarts: 0,
    exec: async () => ({ exitCode: 0, output: '' }),
    restart: async () => {
      container.restarts += 1;
      container.trouble = null;
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return container satisfies RunningContainer;
}

test('two servers that end one after the other are both there again', async () => {
  const [postfix, dovecot] = [fakeContainer(), fakeContainer()];
  let asked = 0;
  const greet = async (): Promise<Greeting> => {
    asked += 1;
    // The second ends while the first is waited for.
    if (asked === 1) dovecot.trouble = 'dovecot was killed';
    return dovecot.trouble === null ? { kind: 'greeted' } : { kind: 'died', why: dovecot.trouble };
  };
  const before = new Date();
  await using watch = watchOver({ postfix, dovecot }, greet);
  postfix.trouble = 'postfix was killed';
  expect(watch.trouble).toBe('postfix was killed');
  await expect.poll(() => watch.trouble).toBeNull();
  // Dovecot with Postfix, whose network it shares, and once more on its own.
  expect([postfix.restarts, dovecot.restarts]).toEqual([1, 2]);
  expect(watch.troubleSince(before)).toBe('postfix was killed');
});

test('one that ends whenever it is started is left alone after some times', async () => {
  const postfix = fakeContainer();
  await using watch = watchOver({ postfix }, async () => {
    postfix.trouble = 'it ended again';
    return { kind: 'died', why: postfix.trouble };
  });
  postfix.trouble = 'it ended';
  expect(watch.trouble).toBe('it ended');
  await expect.poll(() => postfix.restarts).toBe(5);
  expect(watch.trouble).toBe('it ended');
});

test('what is noted spoils the trials of that time, and no later ones', async () => {
  await using watch = watchOver({}, async () => ({ kind: 'greeted' }));
  const before = new Date();
  watch.note('the disk is full');
  expect(watch.troubleSince(before)).toBe('the disk is full');
  expect(watch.troubleSince(new Date(Date.now() + 1))).toBeNull();
  expect(watch.trouble).toBeNull();
});

test.each([
  [
    true,
    'postfix/587/smtpd[9]: NOQUEUE: reject: MAIL from unknown[192.0.2.1]:9: 452 4.3.1 Insufficient system storage',
  ],
  [true, 'postfix/smtpd[9]: warning: not enough free space in mail queue: 4096 bytes < 1.5*message size limit'],
  [true, 'imap(geraet-a)<12><x>: Error: write(/srv/cutover/mail/a/Maildir/x) failed: No space left on device'],
  [
    true,
    'postfix/virtual[9]: 4abcde: to=<a@b.invalid>, status=deferred (cannot append message to file x: No space left on device)',
  ],
  [
    false,
    'postfix/587/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]:9: 554 5.7.1 <No space left on device@x>: Relay access denied',
  ],
  [false, 'auth: Info: passwd-file(No space left on device,192.0.2.1,<x>): unknown user'],
] as const)('a full disk: %s: %s', (isFull, line) => {
  expect(isStorageTrouble(line)).toBe(isFull);
});
