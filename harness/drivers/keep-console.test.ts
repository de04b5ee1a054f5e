import { once } from 'node:events';
import { expect, test } from 'vitest';
import { LabFault } from '../faults.ts';
import { keepConsole } from './keep-console.ts';
import type { Session } from './session.ts';

/** A console that tells what became of it. */
function fakeSession(log: string[], name: string, renew?: () => Promise<void>): Session {
  const never = async (): Promise<never> => {
    throw new Error('not asked for');
  };
  return {
    facts: {},
    send: () => {},
    expect: never,
    run: never,
    takeTranscript: never,
    ...(renew === undefined ? {} : { renew }),
    [Symbol.asyncDispose]: async () => void log.push(`${name} closed`),
  };
}

/** Opens one after the other, called by firmware and number. */
function openLogged(renew?: () => Promise<void>) {
  const log: string[] = [];
  const kept = keepConsole(async (firmware) => {
    const name = `${firmware} ${log.filter((line) => line.endsWith('opened')).length + 1}`;
    log.push(`${name} opened`);
    return fakeSession(log, name, renew && (async () => renew().then(() => void log.push(`${name} renewed`))));
  });
  return { kept, log };
}

test('a firmware keeps its console, which is brought back before each trial but the first', async () => {
  const { kept, log } = openLogged(async () => {});
  const first = await kept.open('1.0');
  expect(await kept.open('1.0')).toBe(first);
  await kept.open('2.0');
  await kept[Symbol.asyncDispose]();
  await kept[Symbol.asyncDispose]();
  expect(log).toEqual(['1.0 1 opened', '1.0 1 renewed', '1.0 1 closed', '2.0 2 opened', '2.0 2 closed']);
});

test('one that cannot be brought back is closed, and another opened', async () => {
  const { kept, log } = openLogged(async () => Promise.reject(new LabFault('gone', 'it is gone')));
  await kept.open('1.0');
  await kept.open('1.0');
  expect(log).toEqual(['1.0 1 opened', '1.0 1 closed', '1.0 2 opened']);
});

test('one that could not be opened is opened anew', async () => {
  let tries = 0;
  const kept = keepConsole(async () => {
    tries += 1;
    if (tries === 1) throw new LabFault('not-booted', 'it did not boot');
    return fakeSession([], 'second');
  });
  await expect(kept.open('1.0')).rejects.toThrow('it did not boot');
  await kept.open('1.0');
  expect(tries).toBe(2);
});

test('closing gives up what is still being opened; what comes all the same is closed', async () => {
  const log: string[] = [];
  const kept = keepConsole(async (_, signal) => {
    await once(signal, 'abort');
    return fakeSession(log, 'late');
  });
  const opening = kept.open('1.0');
  await kept.close();
  await opening;
  expect(log).toEqual(['late closed']);
});

test('closing while an old one is ended starts no other', async () => {
  const ending = Promise.withResolvers<void>();
  const started: string[] = [];
  const kept = keepConsole(async (firmware) => {
    started.push(firmware);
    return { ...fakeSession([], firmware), [Symbol.asyncDispose]: async () => ending.promise };
  });
  await kept.open('1.0');
  const opening = kept.open('2.0');
  await kept.close();
  ending.resolve();
  await expect(opening).rejects.toThrow('its console was closed');
  expect(started).toEqual(['1.0']);
});

test('closing while it is brought back starts no other', async () => {
  const begun = Promise.withResolvers<void>();
  const log: string[] = [];
  let started = 0;
  const kept = keepConsole(async (_, signal) => {
    started += 1;
    return fakeSession(log, 'first', async () => {
      begun.resolve();
      await once(signal, 'abort');
      throw new LabFault('console-ended', 'it has ended');
    });
  });
  await kept.open('1.0');
  const renewing = kept.open('1.0');
  await begun.promise;
  await kept.close();
  await expect(renewing).rejects.toThrow('its console was closed');
  expect([started, log]).toEqual([1, ['first closed']]);
});
