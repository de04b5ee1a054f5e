import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../../reports/fixtures/browser.ts';
import type { AttendedDevice, AttendView } from '../vocabulary/attend.ts';
import { type BenchDevice, listFleet, startFleet } from './attend-fleet.ts';
import type { HarnessNews } from './attend-harness.ts';
import { type BenchPerson, openListener, openTablet } from './attend-people.ts';
import type { Figure } from './bench.ts';
import { type Press, renderAttend } from './render-attend.ts';

const HARNESS = join(import.meta.dirname, 'attend-harness.ts');
const PEOPLE = ['Anna', 'Bernd', 'Chloe', 'Deniz', 'Eva', 'Farid', 'Gabi', 'Hans'];
/** Of the people, those with a page in Chromium. */
const TABLETS = 2;
/** The page of a tablet is in front: two at a time would put each other in the background. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];
/** From one device to the next; nobody walks faster. */
const STEP_MS = 1_000;
/** Everything takes 15 s, or 30 on a busy machine; whatever hangs is ended and said. */
const TOTAL_MS = 80_000;

/**
 * Forty devices and eight people at once: everyone has five devices in hand and presses one a second, all eight in the
 * same moment, and the old ones once more. The harness runs in a process of its own; two people have the real page in
 * Chromium, the others its stream. Times: from the tap, from the device's first packet, and from each change of the desk
 * (a connection that was seen, judged, recorded) to its being shown on every page. Nothing where there is no browser.
 */
export async function benchAttend(): Promise<readonly Figure[]> {
  if (CHROMIUM === null) return [];
  const over = AbortSignal.timeout(TOTAL_MS);
  await using open = new AsyncDisposableStack();
  const out = mkdtempSync(join(tmpdir(), 'cutover-bench-attend-'));
  open.defer(() => rmSync(out, { recursive: true, force: true }));
  const harness = fork(HARNESS, [String(PEOPLE.length), out], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  open.defer(async () => {
    const isGone = once(harness, 'exit');
    if (harness.exitCode === null && harness.kill('SIGKILL')) await isGone;
  });
  const opened = await hear(harness, 'open', over);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  open.defer(async () => void (await Promise.race([browser.close(), once(AbortSignal.timeout(5_000), 'abort')])));
  const devices = open.use(startFleet());
  const views = watchViews(over);
  const people: BenchPerson[] = [];
  for (const [i, name] of PEOPLE.entries()) {
    const invitation = opened.invitations[i] ?? '';
    const person =
      i < TABLETS
        ? await openTablet(browser, invitation, name)
        : await openListener(invitation, name, (view) => views.heard(view));
    people.push(open.use(person));
  }
  const fleet = listFleet();
  const personOf = (i: number) => people[i % people.length];
  const presses: Press[] = [];
  const all = (how: (one: BenchDevice, i: number) => Promise<void>) => Promise.all(fleet.map(how));
  await all(async ({ device }, i) => void (await personOf(i)?.tap('take', device.id)));
  await all(async ({ device: { id } }, i) => {
    const first = await views.until(id, (d) => d.prompt !== null);
    // Settings are entered meanwhile.
    await sleep((1 + Math.floor(i / people.length)) * STEP_MS, undefined, { signal: over });
    for (let number = 1; ; number += 1) {
      const tappedAt = (await personOf(i)?.tap('pressed', id)) ?? Number.NaN;
      // What was entered first stays in the device: old ones meet other servers the second time.
      const dialledAt = first.prompt === null ? Number.NaN : await devices.send(i, opened.port, first.prompt);
      presses.push({ device: i, by: i % people.length, number, tappedAt, dialledAt });
      const asked = await views.until(
        id,
        (d) => d.state === 'done' || (d.results.length >= number && d.prompt !== null),
      );
      if (asked.state === 'done') return;
    }
  });
  const last = await views.until(fleet[0]?.device.id ?? '', () => true);
  await untilAllShow(people, last.version, over);
  const told = hear(harness, 'changes', over);
  harness.send('changes');
  const { changes } = await told;
  return renderAttend({ changes, presses, shown: people.map((p) => p.shown), tablets: TABLETS });
}

async function hear<K extends HarnessNews['kind']>(
  harness: ChildProcess,
  kind: K,
  over: AbortSignal,
): Promise<Extract<HarnessNews, { kind: K }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<HarnessNews, { kind: K }>>();
  const isIt = (news: HarnessNews): news is Extract<HarnessNews, { kind: K }> => news.kind === kind;
  harness.on('message', (news: HarnessNews) => isIt(news) && resolve(news));
  harness.once('exit', (code) => reject(new Error(`the harness ended with ${code} before it told "${kind}"`)));
  over.addEventListener('abort', () => reject(new Error(`the harness did not tell "${kind}" in time`)), { once: true });
  return promise;
}

/** Waits for what the newest view says of a device. */
function watchViews(over: AbortSignal) {
  let newest: AttendView | null = null;
  const waiting = new Set<() => void>();
  return {
    heard(view: AttendView): void {
      if (newest !== null && view.version <= newest.version) return;
      newest = view;
      for (const look of waiting) look();
    },
    async until(
      id: string,
      is: (device: AttendedDevice) => boolean,
    ): Promise<AttendedDevice & { readonly version: number }> {
      const { promise, resolve, reject } = Promise.withResolvers<AttendedDevice & { readonly version: number }>();
      const look = () => {
        const device = newest?.devices.find((d) => d.id === id);
        if (newest !== null && device !== undefined && is(device)) resolve({ ...device, version: newest.version });
      };
      const give = () => {
        const device = newest?.devices.find((d) => d.id === id);
        reject(new Error(`${id} stayed ${device?.state} (${device?.problem ?? 'no problem'})`));
      };
      over.addEventListener('abort', give, { once: true });
      waiting.add(look);
      look();
      return promise.finally(() => {
        waiting.delete(look);
        over.removeEventListener('abort', give);
      });
    },
  };
}

/** A page in Chromium tells what it has shown a moment later. */
async function untilAllShow(people: readonly BenchPerson[], version: number, over: AbortSignal): Promise<void> {
  while (!people.every((p) => (p.shown.at(-1)?.version ?? 0) >= version)) {
    over.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
