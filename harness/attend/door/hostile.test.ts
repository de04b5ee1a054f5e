import * as fc from 'fast-check';
import net from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PORTS } from '../../vocabulary/trial.ts';
import { handshake, judgePress, openTestDoor, sendMail, type TestDoor, talk, trialOf } from './open-test-door.ts';

/** Connects and says nothing. */
async function idle(t: TestDoor, from: string): Promise<net.Socket> {
  const socket = net.connect({ host: t.door.address, port: t.door.portOf(587), localAddress: from });
  socket.on('error', () => {}).resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

async function stillServes(t: TestDoor, device: string): Promise<void> {
  const press = await t.door.expect({ device, trial: trialOf(device, 'strict') });
  press.pressed();
  expect(await sendMail(t.door, press.port, { from: '127.0.0.2', ehlo: device })).toMatch(/^250 /);
  await t.until(() => press.tap.captures().length > 0 && press.tap.openConnections === 0);
  expect(judgePress(press).finding.outcome).toBe('works');
}

test('a flood from one address is turned away beyond its share, and others’ presses go through', async () => {
  await using t = await openTestDoor();
  const flood = await Promise.all(Array.from({ length: 300 }, () => idle(t, '127.0.0.66')));
  await stillServes(t, 'a');
  expect(t.door.turnedAway).toBe(300 - 24);
  expect(t.door.strangers()).toHaveLength(1);
  for (const socket of flood) socket.destroy();
});

test('who comes while settings are entered does not take the place of the device', async () => {
  await using t = await openTestDoor();
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  const mute = await Promise.all(Array.from({ length: 10 }, () => idle(t, '127.0.0.66')));
  for (const last of [67, 68]) await talk(t.door, press.port, `127.0.0.${last}`, 'EHLO nosy\r\nQUIT\r\n');
  press.pressed();
  expect(await sendMail(t.door, press.port, { from: '127.0.0.2' })).toMatch(/^250 /);
  await t.until(() => press.tap.captures().some(({ client }) => client.address === '127.0.0.2'));
  expect(t.door.traitsOf('a').addresses).toEqual(['127.0.0.2']);
  expect(t.door.strangers().map(({ ehlo }) => ehlo)).toEqual(expect.arrayContaining(['nosy', 'nosy']));
  for (const socket of mute) socket.destroy();
});

test('who was faster than the device is put out of its press by a person’s claim', async () => {
  await using t = await openTestDoor();
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  press.pressed();
  await sendMail(t.door, press.port, { from: '127.0.0.67', ehlo: 'nosy' });
  expect(press.tap.captures().map(({ client }) => client.address)).toEqual(['127.0.0.67']);
  await sendMail(t.door, press.port, { from: '127.0.0.2', ehlo: 'printer', security: 'plaintext' });
  // Nothing but the time spoke for the first, and as much does for the second.
  expect(press.tap.captures()).toEqual([]);
  const stranger = t.door.strangers().find(({ ehlo }) => ehlo === 'printer');
  expect(t.door.claim(stranger!.id, press)).toEqual({ kind: 'claimed' });
  expect(press.tap.captures().map(({ client }) => client.address)).toEqual(['127.0.0.2']);
  expect(judgePress(press).finding).toMatchObject({ outcome: 'fails', cause: 'plaintext-only' });
  expect(t.door.strangers().map(({ ehlo }) => ehlo)).toEqual(['nosy']);
});

test('when many addresses take all places, the oldest of them makes room for a press', async () => {
  await using t = await openTestDoor({ limits: { open: 40 } });
  const flood: net.Socket[] = [];
  for (let address = 100; address < 120; address++) {
    for (let at = 0; at < 3; at++) flood.push(await idle(t, `127.0.0.${address}`));
  }
  expect(flood.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(40 + 1);
  await stillServes(t, 'a');
  for (const socket of flood) socket.destroy();
});

test('who says nothing and belongs to nobody is ended', async () => {
  await using t = await openTestDoor({ limits: { strangerMs: 30 } });
  expect(await talk(t.door, t.door.portOf(587), '127.0.0.66', '')).toContain('ECONNRESET');
});

test('what is kept of a press and of strangers has bounds', async () => {
  await using t = await openTestDoor({ limits: { keptPerPress: 3, keptOfStrangers: 4, keptPerStranger: 2 } });
  const press = await t.pressed({ device: 'a', trial: trialOf('a', 'strict') });
  for (let at = 0; at < 5; at++) await talk(t.door, press.port, '127.0.0.2', 'QUIT\r\n');
  expect(press.tap.captures()).toHaveLength(3);
  expect(press.tap.connectionsNotKept).toBe(2);
  for (let address = 70; address < 80; address++) {
    for (let at = 0; at < 3; at++)
      await talk(t.door, t.door.portOf(25), `127.0.0.${address}`, `EHLO x${at}\r\nQUIT\r\n`);
  }
  expect(t.door.strangers()).toHaveLength(4);
  const gone = t.news.filter(({ kind }) => kind === 'stranger-gone').length;
  const seen = new Set(t.news.flatMap((item) => (item.kind === 'stranger' ? item.stranger.id : [])));
  expect(seen.size - gone).toBe(4);
});

test('who connects in a loop is not taken for the device that is pressed, before, while and after it answers', async () => {
  await using t = await openTestDoor({ limits: { newPerAddress: 100_000 } });
  const over = new AbortController();
  const loops: string[] = [];
  // As a scanner does that says hello each time, on the port that the device will dial.
  const flood = (async () => {
    while (!over.signal.aborted) {
      loops.push(await talk(t.door, t.door.portOf(587), '127.0.0.66', 'EHLO flood\r\nQUIT\r\n'));
    }
  })();
  const comes = async (more: number) => {
    for (const goal = loops.length + more; loops.length < goal; ) await setTimeout(5);
  };
  await comes(10);
  const press = await t.door.expect({ device: 'a', trial: trialOf('a', 'strict') });
  await comes(10);
  press.pressed();
  await comes(10);
  expect(await sendMail(t.door, press.port, { from: '127.0.0.2' })).toMatch(/^250 /);
  await comes(10);
  over.abort();
  await flood;
  expect(press.tap.captures().map(({ client }) => client.address)).toEqual(['127.0.0.2']);
  expect(judgePress(press).finding.outcome).toBe('works');
  expect(t.door.traitsOf('a').addresses).toEqual(['127.0.0.2']);
  expect(t.news.filter(({ kind }) => kind === 'ambiguous')).toEqual([]);
  // One stranger, and no more kept of it than its share.
  expect(t.door.strangers().map(({ address }) => address)).toEqual(['127.0.0.66']);
});

test('any bytes at any port leave the door leading', async () => {
  await using t = await openTestDoor({ limits: { newPerAddress: 10_000 } });
  const word = fc.constantFrom(
    'EHLO ',
    'STARTTLS\r\n',
    '\u0016\u0003\u0001',
    '\r\n',
    'AUTH PLAIN ',
    '<script>',
    '\0',
    'a LOGIN ',
  );
  const bytes = fc.array(
    fc.oneof(
      word.map((text) => Buffer.from(text, 'latin1')),
      fc.uint8Array({ maxLength: 40 }),
    ),
    {
      maxLength: 8,
    },
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom(...PORTS), fc.integer({ min: 60, max: 90 }), async (parts, port, last) => {
      const socket = net.connect({ host: t.door.address, port: t.door.portOf(port), localAddress: `127.0.0.${last}` });
      socket.on('error', () => {}).resume();
      socket.end(Buffer.concat(parts));
      await once(socket, 'close');
    }),
    { numRuns: 150 },
  );
  await stillServes(t, 'a');
  expect((await handshake(t.door, t.door.portOf(465), {})).isReused).toBe(false);
  for (const { ehlo } of t.door.strangers()) expect(ehlo ?? '').not.toMatch(/\p{Cc}/u);
});
