import { expect, test } from 'vitest';
import { bindFree, bindKept, outgoingPorts, outsideOf } from './bind-port.ts';
import { openTestDoor } from './door/open-test-door.ts';

const inUse = () => Object.assign(new Error('held'), { code: 'EADDRINUSE' });

test('mapped ports are none that the system gives to outgoing connections', async () => {
  await using opened = await openTestDoor({ ports: 'mapped', ownPorts: {} });
  const { door } = opened;
  const ports = [door.portOf(25), door.portOf(587), door.portOf(993), await door.ownPort('camera', 465)];
  const { from, to } = outgoingPorts();
  expect(ports.filter((port) => port >= from && port <= to)).toEqual([]);
});

test('numbers that devices were told are bound again, also those that nobody needs any more', async () => {
  const first = await openTestDoor({ ports: 'mapped', ownPorts: {} });
  const port = await first.door.ownPort('camera', 465);
  // The next one may not need the shared ports of the first: they stay taken.
  const shared = { 587: first.door.portOf(587) };
  await expect(openTestDoor({ ports: { ...MAPPED, ...shared } })).rejects.toMatchObject({
    code: 'door-port',
    advice: expect.stringContaining(`sport = :${shared[587]}`),
  });
  await using second = await openTestDoor({ ports: { ...MAPPED, ...shared }, ownPorts: { camera: { 465: port } } });
  const closing = first[Symbol.asyncDispose]();
  expect(await second.door.ownPort('camera', 465)).toBe(port);
  await closing;
});

const MAPPED = { 25: 0, 110: 0, 143: 0, 465: 0, 993: 0, 995: 0 };

test('a port that is in use is passed over, and any is taken where none is free', async () => {
  const tried: number[] = [];
  const bind = async (port: number) => {
    tried.push(port);
    if (port !== 0) throw inUse();
    return port;
  };
  expect(await bindFree(bind, { from: 20_000, to: 20_001 })).toBe(0);
  expect(new Set(tried)).toEqual(new Set([20_000, 20_001, 0]));
});

test('a port that is needed again is waited for, and another fault is not', async () => {
  let held = 3;
  const bind = async (port: number) => {
    if (held-- > 0) throw new Error('door', { cause: inUse() });
    return port;
  };
  expect(await bindKept(25_000, bind, { everyMs: 1, forMs: 60_000 })).toBe(25_000);
  const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
  await expect(bindKept(25_000, () => Promise.reject(denied))).rejects.toBe(denied);
  await expect(bindKept(25_000, () => Promise.reject(inUse()), { everyMs: 1, forMs: 5 })).rejects.toThrow('held');
});

test('ports are looked for below those of outgoing connections, else above, else anywhere', () => {
  expect(outsideOf({ from: 32_768, to: 60_999 })).toEqual({ from: 20_000, to: 32_767 });
  expect(outsideOf({ from: 1_024, to: 60_999 })).toEqual({ from: 61_000, to: 65_535 });
  expect(outsideOf({ from: 1_024, to: 65_535 })).toBeNull();
});
