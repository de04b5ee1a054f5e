import { once } from 'node:events';
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { handshake, judgePress, openTestDoor, POP3, sendMail, SUBMISSIONS, talk, trialOf } from './open-test-door.ts';

test('a press is one device’s: its mail arrives over strict, with any login, of which nothing is kept', async () => {
  await using t = await openTestDoor();
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
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
  const first = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, first.port, old);
  await t.until(() => first.tap.openConnections === 0);
  expect(judgePress(first).finding).toMatchObject({ outcome: 'fails', cause: 'version-too-old' });
  first.tap.endTrial();
  const second = await t.pressed({ device: 'a', trial: trialOf('a', 'legacy') });
  expect(second.port).toBe(first.port);
  expect(await sendMail(t.door, second.port, old)).toMatch(/^250 /);
  await t.until(() => second.tap.openConnections === 0);
  expect(judgePress(second).finding).toMatchObject({ outcome: 'works', encrypted: true });
  expect(first.tap.captures()).toHaveLength(1);
});

test('a counter-test answers with one key changed', async () => {
  await using t = await openTestDoor();
  const change = { path: 'tls.min', from: '1.2', to: '1.0' };
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict', SUBMISSIONS, change) });
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
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'legacy', POP3) });
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
  const legacy = await t.pressed({ device: 'b', trial: trialOf('b', 'legacy') });
  expect(t.door.claim(stranger!.id, legacy)).toEqual({ kind: 'refused', why: 'other-policy' });
  const strict = await t.pressed({ device: 'c', trial: trialOf('c', 'strict') });
  expect(t.door.claim(stranger!.id, strict)).toEqual({ kind: 'claimed' });
  expect(judgePress(strict).finding).toMatchObject({ outcome: 'fails' });
  expect(t.door.strangers()).toEqual([]);
});

test('two devices behind one address are told apart by what they say, or both are named', async () => {
  await using t = await openTestDoor();
  const a = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, a.port, { from: '127.0.0.4', ehlo: 'printer-a' });
  await t.until(() => a.tap.openConnections === 0);
  a.tap.endTrial();
  const b = await t.pressed({ device: 'b', trial: trialOf('b', 'strict') });
  b.pressed();
  await sendMail(t.door, b.port, { from: '127.0.0.4', ehlo: 'printer-b', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  await t.until(() => b.tap.captures().length === 1 && b.tap.openConnections === 0);
  expect(judgePress(b).finding.outcome).toBe('works');
  expect(a.tap.captures()).toHaveLength(1);
  b.tap.endTrial();

  const [a2, b2] = [
    await t.pressed({ device: 'a', trial: trialOf('a', 'strict') }),
    await t.pressed({ device: 'b', trial: trialOf('b', 'strict') }),
  ];
  await sendMail(t.door, a2.port, { from: '127.0.0.4', ehlo: 'printer-b', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  await t.until(() => b2.tap.captures().length === 1);
  expect(a2.tap.captures()).toHaveLength(0);
  await talk(t.door, a2.port, '127.0.0.4', 'NOOP\r\nQUIT\r\n');
  await t.until(() => t.news.some(({ kind }) => kind === 'ambiguous'));
  const ambiguous = t.news.findLast((item) => item.kind === 'ambiguous');
  expect(ambiguous?.devices.toSorted()).toEqual(['a', 'b']);
  expect(t.door.strangers().map(({ id }) => id)).toContain(ambiguous?.stranger);
});

test('on implicit TLS the hello tells who answers: two devices behind one address each meet their own policy', async () => {
  await using t = await openTestDoor();
  const known = {
    a: { ehlo: 'printer-a', maxVersion: 'TLSv1.1' },
    b: { ehlo: 'printer-b', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
  } as const;
  const from = { from: '127.0.0.4', security: 'implicit' } as const;
  for (const device of ['a', 'b'] as const) {
    const first = await t.pressed({ device, trial: trialOf(device, 'strict', SUBMISSIONS) });
    await sendMail(t.door, first.port, { ...from, ...known[device] });
    // The second may be the first that tries again: a person says which it was.
    for (const { id } of t.door.strangers()) expect(t.door.claim(id, first)).toEqual({ kind: 'claimed' });
    await t.until(() => first.tap.captures().length === 1 && first.tap.openConnections === 0);
    first.tap.endTrial();
  }
  const a = await t.pressed({ device: 'a', trial: trialOf('a', 'legacy', SUBMISSIONS) });
  const b = await t.pressed({ device: 'b', trial: trialOf('b', 'strict', SUBMISSIONS) });
  expect(await sendMail(t.door, a.port, { ...from, ...known.a })).toMatch(/^250 /);
  expect(await sendMail(t.door, b.port, { ...from, ...known.b })).toMatch(/^250 /);
  await t.until(() => a.tap.openConnections + b.tap.openConnections === 0);
  expect([a, b].map((press) => press.tap.captures().length)).toEqual([1, 1]);
  expect([a, b].map((press) => judgePress(press).finding.outcome)).toEqual(['works', 'works']);
  expect(t.news.map(({ kind }) => kind)).not.toContain('wrong-policy');
});

test('who says nothing on implicit TLS meets a server all the same, and is known by what it says then', async () => {
  await using t = await openTestDoor();
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict', SUBMISSIONS) });
  const socket = net.connect({ host: t.door.address, port: press.port, localAddress: '127.0.0.2' });
  // The door leads it on by itself.
  while (press.tap.captures()[0]?.tapPort !== 0) await setTimeout(20);
  while (press.tap.captures()[0]?.tapPort === 0) await setTimeout(20);
  socket.end('EHLO lost\r\n').resume();
  await t.until(() => press.tap.openConnections === 0);
  expect(judgePress(press).finding).toMatchObject({ outcome: 'fails', cause: 'wrong-tls-mode' });
});

test('who comes while settings are entered is a stranger until a press is told of', async () => {
  await using t = await openTestDoor();
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  await talk(t.door, press.port, '127.0.0.2', 'EHLO printer\r\nQUIT\r\n');
  expect(press.tap.captures()).toHaveLength(0);
  expect(t.door.strangers()).toMatchObject([{ address: '127.0.0.2', ehlo: 'printer' }]);
  expect(t.news.map(({ kind }) => kind)).not.toContain('ambiguous');
  press.pressed();
  expect(press.tap.captures()).toHaveLength(1);
  expect(t.door.strangers()).toEqual([]);
});

test('a device that changed its address is found again, the change is told, and it meets its policy from then on', async () => {
  await using t = await openTestDoor();
  const first = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, first.port, { from: '127.0.0.2', ehlo: 'lobby-printer' });
  await t.until(() => first.tap.openConnections === 0);
  first.tap.endTrial();
  const legacy = await t.pressed({ device: 'a', trial: trialOf('a', 'legacy') });
  await sendMail(t.door, legacy.port, { from: '127.0.0.3', ehlo: 'lobby-printer' });
  await t.until(() => t.news.some(({ kind }) => kind === 'address-changed'));
  expect(t.news).toContainEqual({ kind: 'address-changed', device: 'a', from: '127.0.0.2', to: '127.0.0.3' });
  // An unknown address met strict: nothing is weakened, and nothing is concluded.
  expect(t.news).toContainEqual({ kind: 'wrong-policy', device: 'a' });
  expect(legacy.tap.captures()).toHaveLength(0);
  await sendMail(t.door, legacy.port, { from: '127.0.0.3', ehlo: 'lobby-printer' });
  await t.until(() => legacy.tap.captures().length === 1 && legacy.tap.openConnections === 0);
  expect(judgePress(legacy).finding.outcome).toBe('works');
});

test('double connects and retries are one attempt; what comes after its end is late on it', async () => {
  await using t = await openTestDoor();
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await talk(t.door, press.port, '127.0.0.2', 'QUIT\r\n');
  await sendMail(t.door, press.port, { from: '127.0.0.2', maxVersion: 'TLSv1.1' });
  await sendMail(t.door, press.port, { from: '127.0.0.2' });
  await t.until(() => press.tap.captures().length === 3 && press.tap.openConnections === 0);
  const { finding, evidence } = judgePress(press);
  expect(finding.outcome).toBe('works');
  expect(evidence.wire.connections.map(({ number, late }) => [number, late])).toEqual([
    [1, false],
    [2, false],
    [3, false],
  ]);
  press.tap.endTrial();
  await sendMail(t.door, press.port, { from: '127.0.0.2' });
  await t.until(() => press.tap.captures().length === 4);
  expect(press.tap.captures().map(({ late }) => late)).toEqual([false, false, false, true]);
});

test('the wrong port and the wrong device are told, and count for no press', async () => {
  await using t = await openTestDoor();
  const a = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, a.port, { from: '127.0.0.2', ehlo: 'printer-a' });
  await t.until(() => a.tap.openConnections === 0);
  await sendMail(t.door, t.door.portOf(465), { from: '127.0.0.2', ehlo: 'printer-a', security: 'implicit' });
  expect(t.news).toContainEqual({ kind: 'wrong-port', device: 'a', port: 465 });
  expect(a.tap.captures()).toHaveLength(1);
  a.tap.endTrial();
  const b = await t.pressed({ device: 'b', trial: trialOf('b', 'legacy') });
  b.pressed();
  await sendMail(t.door, b.port, { from: '127.0.0.2', ehlo: 'printer-a' });
  await t.until(() => t.news.some(({ kind }) => kind === 'other-device'));
  expect(t.news).toContainEqual({ kind: 'other-device', asked: 'b', answered: 'a' });
  expect(b.tap.captures()).toHaveLength(0);
});

test('an own port needs no telling apart, from whatever address', async () => {
  await using t = await openTestDoor();
  const own = await t.door.ownPort('a', 587);
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'legacy') });
  const other = await t.pressed({ device: 'b', trial: trialOf('b', 'strict') });
  expect(press.port).toBe(own);
  await sendMail(t.door, own, { from: '127.0.0.5', maxVersion: 'TLSv1.1' });
  await t.until(() => press.tap.captures().length === 1 && press.tap.openConnections === 0);
  expect(judgePress(press).finding.outcome).toBe('works');
  expect(other.tap.captures()).toHaveLength(0);
});

test('two that nobody knows while one is pressed: neither is taken for it, and a claim says which it was', async () => {
  await using t = await openTestDoor();
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, press.port, { from: '127.0.0.77', ehlo: 'camera', maxVersion: 'TLSv1.1' });
  await t.until(() => press.tap.captures().length === 1);
  await sendMail(t.door, press.port, { from: '127.0.0.5', ehlo: 'printer-a' });
  await t.until(() => t.door.strangers().length === 2);
  expect(press.tap.captures()).toEqual([]);
  const printer = t.door.strangers().find(({ ehlo }) => ehlo === 'printer-a');
  expect(t.door.claim(printer?.id ?? '', press)).toEqual({ kind: 'claimed' });
  await t.until(() => press.tap.openConnections === 0);
  expect(judgePress(press).finding.outcome).toBe('works');
});

test('a device in which the next setting was not entered is told to dial the old port, once it is pressed', async () => {
  await using t = await openTestDoor({ ownPorts: {} });
  const first = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, first.port, { from: '127.0.0.5', maxVersion: 'TLSv1.1' });
  await t.until(() => first.tap.captures().length === 1 && first.tap.openConnections === 0);
  first.tap.endTrial();
  const next = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict', SUBMISSIONS) });
  const again = () => sendMail(t.door, first.port, { from: '127.0.0.5', maxVersion: 'TLSv1.1' });
  await again();
  await t.until(() => first.tap.captures().length === 2);
  expect(t.news.filter(({ kind }) => kind === 'wrong-port')).toEqual([]);
  next.pressed();
  await again();
  await t.until(() => first.tap.captures().length === 3);
  expect(t.news).toContainEqual({ kind: 'wrong-port', device: 'a', port: 587 });
  expect(next.tap.captures()).toEqual([]);
});

test('whoever finds an own port, and is neither where its device was nor like it, is a stranger', async () => {
  const known = { a: { addresses: ['127.0.0.5'], fingerprints: [], ehloNames: ['printer-a'] } };
  await using t = await openTestDoor({ known });
  const own = await t.door.ownPort('a', 587);
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  await sendMail(t.door, own, { from: '127.0.0.66', ehlo: 'scanner' });
  await t.until(() => t.door.strangers().some(({ ehlo }) => ehlo === 'scanner'));
  expect(press.tap.captures()).toEqual([]);
  // The device itself, at another address by now.
  await sendMail(t.door, own, { from: '127.0.0.6', ehlo: 'printer-a' });
  await t.until(() => press.tap.captures().length === 1 && press.tap.openConnections === 0);
  expect(judgePress(press).finding.outcome).toBe('works');
});

test('who connects and leaves without a word has begun no press', async () => {
  await using t = await openTestDoor();
  const own = await t.door.ownPort('a', 587);
  const implicit = await t.door.ownPort('b', 465);
  const a = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  const b = await t.pressed({ device: 'b', trial: trialOf('b', 'strict', SUBMISSIONS) });
  for (const port of [own, implicit]) {
    const scan = net.connect({ host: t.door.address, port, localAddress: '127.0.0.66' });
    await once(scan, 'connect');
    scan.destroy();
  }
  await t.until(() => [a, b].every((p) => p.tap.captures().length === 1 && p.tap.openConnections === 0));
  expect([a.hasBegun, b.hasBegun]).toEqual([false, false]);
  await sendMail(t.door, own, { from: '127.0.0.5' });
  // It waits for a greeting, as a device does whose encryption is set wrong.
  const mute = net.connect({ host: t.door.address, port: implicit, localAddress: '127.0.0.7' });
  await t.until(() => a.hasBegun && b.hasBegun);
  mute.destroy();
  expect(judgePress(a).finding.outcome).toBe('works');
});

test('what was pressed before the page heard of it is counted once it does', async () => {
  await using t = await openTestDoor();
  const [a, b] = [
    await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') }),
    await t.door.expect({ device: 'b', trial: trialOf('b', 'strict') }),
  ];
  await sendMail(t.door, a.port, { from: '127.0.0.2' });
  expect([a, b].map(({ tap }) => tap.captures().length)).toEqual([0, 0]);
  expect(t.door.strangers()).toHaveLength(1);
  b.pressed();
  expect([a, b].map(({ tap }) => tap.captures().length)).toEqual([0, 1]);
  expect(t.news).toContainEqual({ kind: 'stranger-gone', stranger: 's1' });
  expect(judgePress(b).finding.outcome).toBe('works');
});

test('the account that the page shows tells whose connection it is, and its name is kept nowhere', async () => {
  await using t = await openTestDoor();
  const presses = [];
  for (const device of ['a', 'b']) presses.push(await t.pressed({ device, trial: trialOf(device, 'strict') }));
  for (const press of presses) press.pressed();
  const [a, b] = presses;
  const { user } = b!.account;
  expect(await sendMail(t.door, b!.port, { from: '127.0.0.2', user, password: 'cut' })).toMatch(/^250 /);
  await t.until(() => b!.tap.captures().length === 1);
  expect(a!.tap.captures()).toHaveLength(0);
  const { finding, text } = judgePress(b!);
  expect(finding.outcome).toBe('works');
  expect(text).not.toContain(user);
});

test('what was known before a restart is known again', async () => {
  const known = { a: { addresses: ['127.0.0.2'], fingerprints: [], ehloNames: ['printer-a'] } };
  await using t = await openTestDoor({ known });
  const [a, b] = [
    await t.pressed({ device: 'a', trial: trialOf('a', 'legacy') }),
    await t.pressed({ device: 'b', trial: trialOf('b', 'strict') }),
  ];
  await sendMail(t.door, a.port, { from: '127.0.0.2', ehlo: 'printer-a', maxVersion: 'TLSv1.1' });
  await t.until(() => a.tap.captures().length === 1 && a.tap.openConnections === 0);
  expect(judgePress(a).finding.outcome).toBe('works');
  expect(b.tap.captures()).toHaveLength(0);
});

test('a press that is disposed of forgets its connections, and its device is still known', async () => {
  await using t = await openTestDoor();
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  const talking = talk(t.door, press.port, '127.0.0.2', 'EHLO printer-a\r\n');
  await t.until(() => t.door.traitsOf('a').ehloNames.length === 1);
  await press[Symbol.asyncDispose]();
  expect(await talking).toContain('ECONNRESET');
  expect(t.door.traitsOf('a')).toMatchObject({ addresses: ['127.0.0.2'], ehloNames: ['printer-a'] });
});

test.for([
  ['legacy', 'strict'],
  ['legacy', 'today'],
] as const)('a session of %s is not taken up again by %s', async ([from, to]) => {
  await using t = await openTestDoor();
  const first = await t.pressed({ device: 'a', trial: trialOf('a', from, SUBMISSIONS) });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const sessions = await handshake(t.door, first.port, { maxVersion });
    expect(sessions.tickets.length).toBeGreaterThan(0);
    const second = await t.pressed({ device: 'a', trial: trialOf('a', to, SUBMISSIONS) });
    for (const session of sessions.tickets) {
      const again = await handshake(t.door, second.port, { maxVersion, session });
      expect(again.isReused).toBe(false);
    }
    expect(second.tap.captures()).toHaveLength(sessions.tickets.length);
    await second[Symbol.asyncDispose]();
    await t.pressed({ device: 'a', trial: trialOf('a', from, SUBMISSIONS) });
  }
});
