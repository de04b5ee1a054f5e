import { expect, test } from 'vitest';
import { judgePress, openTestDoor, POP3, sendMail, SUBMISSIONS, talk, trialOf } from './open-test-door.ts';

test('a press is one device’s: its mail arrives over strict, with any login, of which nothing is kept', async () => {
  await using t = await openTestDoor();
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  const sent = await sendMail(t.door, press.port, { from: '127.0.0.2', user: 'hans.m', password: 'geheim-4711' });
  expect(sent).toMatch(/^250 /);
  await t.until(() => press.tap.openConnections === 0);
  const { finding, evidence, text } = judgePress(press);
  expect(finding).toMatchObject({ outcome: 'works', encrypted: true });
  expect(evidence.server.sessions[0]?.auth).toEqual({ mechanism: 'PLAIN', accepted: true, note: null });
  for (const secret of ['hans.m', 'geheim-4711', 'owner@customer', 'office@customer'])
    expect(text).not.toContain(secret);
  expect(t.door.traitsOf('a')).toMatchObject({ addresses: ['127.0.0.2'], ehloNames: ['printer'] });
});

test('settings stay as they are: strict, then legacy answers the same device at the same port', async () => {
  await using t = await openTestDoor();
  const old = { from: '127.0.0.2', maxVersion: 'TLSv1.1' } as const;
  const first = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, first.port, old);
  await t.until(() => first.tap.openConnections === 0);
  expect(judgePress(first).finding).toMatchObject({ outcome: 'fails', cause: 'version-too-old' });
  first.tap.endTrial();
  const second = await t.door.expect({ device: 'a', trial: trialOf('a', 'legacy') });
  expect(second.port).toBe(first.port);
  expect(await sendMail(t.door, second.port, old)).toMatch(/^250 /);
  await t.until(() => second.tap.openConnections === 0);
  expect(judgePress(second).finding).toMatchObject({ outcome: 'works', encrypted: true });
  expect(first.tap.captures()).toHaveLength(1);
});

test('a counter-test answers with one key changed', async () => {
  await using t = await openTestDoor();
  const change = { path: 'tls.min', from: '1.2', to: '1.0' };
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict', SUBMISSIONS, change) });
  expect(press.mode.tls.min).toBe('1.0');
  const sent = await sendMail(t.door, press.port, { from: '127.0.0.2', security: 'implicit', maxVersion: 'TLSv1.1' });
  expect(sent).toMatch(/^250 /);
  expect(press.tap.captures()).toHaveLength(1);
  // Only this press: a stranger still meets strict.
  expect(
    await sendMail(t.door, press.port, { from: '127.0.0.9', security: 'implicit', maxVersion: 'TLSv1.1' }),
  ).not.toMatch(/^250/);
});

test('whoever logs in to fetch finds a mail, in the clear where the mode allows it, and no name stays', async () => {
  await using t = await openTestDoor();
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'legacy', POP3) });
  const answer = await talk(t.door, press.port, '127.0.0.2', 'USER hans.m\r\nPASS geheim-4711\r\nRETR 1\r\nQUIT\r\n');
  expect(answer).toContain('fills');
  await t.until(() => press.tap.openConnections === 0);
  const { finding, text } = judgePress(press);
  expect(finding).toMatchObject({ outcome: 'works', encrypted: false });
  expect(text).not.toMatch(/hans\.m|geheim-4711/);
});

test('who cannot be told meets strict, is offered as a stranger, and can be claimed', async () => {
  await using t = await openTestDoor();
  expect(
    await sendMail(t.door, t.door.portOf(587), { from: '127.0.0.9', ehlo: 'lobby', security: 'plaintext' }),
  ).toMatch(/530/);
  const [stranger, ...others] = t.door.strangers();
  expect(others).toEqual([]);
  expect(stranger).toMatchObject({ address: '127.0.0.9', ehlo: 'lobby', offered: null, port: 587 });
  const legacy = await t.door.expect({ device: 'b', trial: trialOf('b', 'legacy') });
  expect(t.door.claim(stranger!.id, legacy)).toEqual({ kind: 'refused', why: 'other-policy' });
  const strict = await t.door.expect({ device: 'c', trial: trialOf('c', 'strict') });
  expect(t.door.claim(stranger!.id, strict)).toEqual({ kind: 'claimed' });
  expect(judgePress(strict).finding).toMatchObject({ outcome: 'fails' });
  expect(t.door.strangers()).toEqual([]);
});
