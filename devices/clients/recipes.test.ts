import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { openEmulated } from '../../harness/drivers/emulated.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { openTap } from '../../harness/tap.ts';
import { Device } from '../../harness/vocabulary/device.ts';
import { ENDPOINTS, type Setting } from '../../harness/vocabulary/trial.ts';
import { openTestLab } from '../emulated/open-test-lab.ts';

/** Every recipe of a console drives it, over both carriers, towards a real server; the others: devices/containers. */
const names = globSync('../emulated/consoles/*.ts', { cwd: import.meta.dirname }).map((f) => basename(f, '.ts'));
const recipes = await Promise.all(names.map(async (name) => [name, await recipeOf(name)] as const));

let lab: Awaited<ReturnType<typeof openTestLab>>;
beforeAll(async () => {
  lab = await openTestLab('legacy');
});
afterAll(() => lab[Symbol.asyncDispose]());

const STARTTLS: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
const IMPLICIT: Setting = { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' };

function device(client: string, over: 'pty' | 'ssh', firmware: object = {}): Device {
  return Device.parse({
    id: 'emu-test',
    vendor: 'Muster',
    model: 'Test',
    kind: 'printer',
    reach: { driver: 'emulated', console: client, over },
    client,
    firmware: [{ version: '1', emulated: { stack: 'node-current', ...firmware } }],
    settings: [STARTTLS],
    truth: { built: 'for a test', verdict: {} },
  });
}

let orders = 0;
function order(setting: Setting, change: Partial<Order> = {}): Order {
  const { user, password, address } = lab.account;
  return {
    setting,
    host: 'smtp.example',
    port: lab.server.address(setting.port).port,
    user,
    password,
    from: address,
    to: address,
    marker: `cutover-${String(++orders).padStart(16, '0')}`,
    sizeBytes: 1_000,
    mails: 1,
    ...change,
  };
}

function open(of: Device): Promise<Session> {
  return openEmulated({ device: of, firmware: '1', roots: lab.roots, waiting: { idleMs: 20_000, totalMs: 60_000 } });
}

async function recipeOf(name: string): Promise<ClientRecipe> {
  const module: { readonly default: ClientRecipe } = await import(
    pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href
  );
  return module.default;
}

describe.for(recipes)('%s', ([name, recipe]) => {
  test.for(['pty', 'ssh'] as const)('over %s: sends, fails with a wrong password, sends again', async (over) => {
    expect(recipe.speaks).toMatch(/^[A-Z].*\.$/);
    await using session = await open(device(name, over));

    const two = order(STARTTLS, { mails: 2 });
    const said = await recipe.submit(session, two);
    expect(said.said).toMatch(/^(sent|nothing)$/);
    await expect.poll(() => lab.store.arrived(two.marker), { timeout: 20_000 }).toBe(2);

    const wrong = order(STARTTLS, { password: 'not-the-password' });
    expect((await recipe.submit(session, wrong)).said).toBe(said.said === 'nothing' ? 'nothing' : 'failed');

    const again = order(IMPLICIT);
    await recipe.submit(session, again);
    await expect.poll(() => lab.store.arrived(again.marker), { timeout: 20_000 }).toBe(1);
    expect(lab.store.arrived(wrong.marker)).toBe(0);
    const { cast, screen } = await session.takeTranscript();
    expect(cast + screen).not.toContain(lab.account.password);
  });
});

const FETCH_SETTINGS: readonly Setting[] = [
  { id: 'imap-implicit-993', protocol: 'imap', port: 993, security: 'implicit' },
  { id: 'pop3-starttls-110', protocol: 'pop3', port: 110, security: 'starttls' },
  { id: 'imap-plaintext-143', protocol: 'imap', port: 143, security: 'plaintext' },
];

test.for(recipes.filter(([, recipe]) => recipe.fetch !== undefined))('%s fetches', async ([name, recipe]) => {
  await using session = await open(device(name, 'pty'));
  for (const setting of FETCH_SETTINGS) {
    const wanted = order(setting);
    lab.store.putMail(lab.account, wanted.marker, 1_000);
    await using tap = await openTap({
      listen: '127.0.0.1',
      endpoint: ENDPOINTS.find((e) => e.port === setting.port)!,
      upstream: lab.server.address(setting.port),
    });
    expect(await recipe.fetch!(session, { ...wanted, port: tap.address.port })).toMatchObject({ said: 'sent' });
    const seen = () => lab.server.sessions([tap.captures()[0]!.tapPort], wanted.marker)[0];
    // The server notes it when its last bytes are gone, which the device may have read before.
    await expect.poll(seen, { timeout: 20_000 }).toMatchObject({ fetched: true });
  }
});

test('a console that never comes back is a fault of the session', async () => {
  const recipe = await recipeOf('pbx-wizard');
  const of = device('pbx-wizard', 'pty', { fault: 'hangs-after-starttls' });
  await using session = await open(of);
  // Patient with everything but the answer to the order.
  const impatient: Session = Object.assign(Object.create(session), {
    send: session.send.bind(session),
    expect: <K extends string>(cases: Readonly<Record<K, RegExp>>) =>
      session.expect(cases, 'failed' in cases ? { idleMs: 300 } : {}),
  });
  await expect(recipe.submit(impatient, order(STARTTLS))).rejects.toMatchObject({ code: 'console-timeout' });
});

test.for(['pty', 'ssh'] as const)('a console that floods over %s is a fault of the session', async (over) => {
  const recipe = await recipeOf('switch-config');
  await using session = await open(device('switch-config', over, { fault: 'floods-console' }));
  await expect(recipe.submit(session, order(STARTTLS))).rejects.toMatchObject({ code: 'console-flood' });
});

test('a device that queues says "sent" before anything is sent', async () => {
  const recipe = await recipeOf('printer-menu');
  await using session = await open(device('printer-menu', 'pty', { queues: true }));
  const wrong = order(STARTTLS, { password: 'not-the-password' });
  expect(await recipe.submit(session, wrong)).toMatchObject({ said: 'sent' });
  const right = order(STARTTLS);
  expect(await recipe.submit(session, right)).toMatchObject({ said: 'sent' });
  await expect.poll(() => lab.store.arrived(right.marker), { timeout: 20_000 }).toBe(1);
  expect(lab.store.arrived(wrong.marker)).toBe(0);
});
