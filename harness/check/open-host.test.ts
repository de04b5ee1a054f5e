import { expect, test } from 'vitest';
import { openTestHost, renderSubmission } from './open-test-host.ts';

test('a device that names its code is shown to the agent who opened it, and to nobody else', async () => {
  await using t = await openTestHost();
  const { code } = t.open('anna');
  t.open('ben');
  expect(await t.sendMail(code)).toMatch(/^235 [\s\S]*^250 2\.0\.0[\s\S]*^221 /m);
  const view = await t.until((v) => v.tickets[0]?.attempts[0]?.live === false);
  const [attempt] = view.tickets[0]!.attempts;
  expect(attempt).toMatchObject({
    tie: 'code',
    endpoint: { protocol: 'smtp', port: 465 },
    from: '127.0.0.x',
    ehlo: 'device',
    offered: '1.3',
    outcome: 'works',
    cause: null,
    mails: [{ bytes: 24 }],
  });
  expect(t.host.viewOf('ben').tickets[0]!.attempts).toEqual([]);
  expect(JSON.stringify(view)).not.toMatch(/any password|127\.0\.0\.1|here\.example|elsewhere/);
});

test('a device with old TLS may be the one of each ticket that waits, and is asserted of none', async () => {
  await using t = await openTestHost();
  const { id } = t.open('anna');
  await t.converseTls(465, '', '127.0.0.7', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
  const alone = await t.until((v) => v.tickets[0]?.maybe.length === 1);
  expect(alone.tickets[0]!.maybe[0]).toMatchObject({
    tie: 'likely',
    offered: '1.1',
    outcome: 'fails',
    cause: 'version-too-old',
  });
  t.clock += 1_000;
  t.open('ben');
  expect(t.host.viewOf('anna').tickets[0]!.maybe[0]!.tie).toBe('maybe');
  // It came before Ben's customer was told what to enter.
  expect(t.host.viewOf('ben').tickets[0]!.maybe).toEqual([]);
  expect(t.host.claim('ben', id, alone.tickets[0]!.maybe[0]!.id)).toBe(false);
  expect(t.host.claim('anna', id, alone.tickets[0]!.maybe[0]!.id)).toBe(true);
  const claimed = t.host.viewOf('anna').tickets[0]!;
  expect(claimed.maybe).toEqual([]);
  expect(claimed.attempts).toMatchObject([{ tie: 'claimed', cause: 'version-too-old' }]);
});

test('plaintext is refused on every port and named', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  const smtp = renderSubmission(code);
  expect(await t.converse(587, smtp)).toMatch(/^530 /m);
  expect(await t.converse(143, `a LOGIN ${code} pw\r\nb LOGOUT\r\n`)).toMatch(/^a NO \[PRIVACYREQUIRED\]/m);
  expect(await t.converse(110, `USER ${code}\r\nPASS pw\r\nQUIT\r\n`)).toMatch(/^-ERR/m);
  const view = await t.until((v) => v.tickets[0]?.attempts.filter((a) => !a.live).length === 3);
  const told = view.tickets[0]!.attempts.map((a) => [a.endpoint.port, a.tie, a.cause]);
  expect(told).toEqual([587, 143, 110].map((port) => [port, 'code', 'plaintext-only']));
});

test('with the ticket its code, its connections and all that was seen end', async () => {
  await using t = await openTestHost({ ticketMs: 60_000 });
  const { code } = t.open();
  await t.sendMail(code);
  const talking = t.converseTls(465, renderSubmission(code).split('MAIL')[0]!);
  await t.until((v) => v.tickets[0]?.attempts.some((a) => a.live) ?? false);
  t.clock += 60_000;
  t.host.expire();
  await talking;
  expect(t.host.viewOf('anna').tickets).toEqual([]);
  t.open();
  expect(await t.sendMail(code)).toMatch(/^535 /m);
});

test('nobody is let in while no ticket is open', async () => {
  await using t = await openTestHost();
  expect(await t.converse(587, 'EHLO x\r\n')).not.toContain('220');
});
