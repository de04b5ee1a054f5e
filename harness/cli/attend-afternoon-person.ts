import { setTimeout as sleep } from 'node:timers/promises';
import type { AttendedDevice, Prompt } from '../vocabulary/attend.ts';
import type { Button } from './attend-afternoon-button.ts';
import type { Tablet } from './attend-afternoon-tablet.ts';

/** What people do wrong at the first press of a device, or otherwise than the page expects. */
export const MISTAKES = [
  'presses-twice',
  'presses-another',
  'forgets-to-press',
  'mistypes-the-port',
  'skips',
  'skips-and-comes-back',
  'closes-the-tablet',
  'takes-a-photo',
] as const;
export type Mistake = (typeof MISTAKES)[number];

export interface PersonOptions {
  readonly name: string;
  readonly tablet: Tablet;
  readonly buttons: ReadonlyMap<string, Button>;
  /** At the first press of a device. */
  readonly mistakes: ReadonlyMap<string, Mistake>;
  /** A port of the door that is not the one asked for. */
  readonly wrongPort: (prompt: Prompt) => number;
  readonly photo: Buffer;
  /** Told what the person did, for the test's messages. */
  readonly onDone: (what: { readonly device: string; readonly did: string }) => void;
}

/** The door notices a connection, or that none comes, within this. In ms. */
const SEEN_MS = 90_000;
/** A claimed connection has ended by then. In ms. */
const CLAIM_MS = 15_000;
/** A device that does not get anywhere is left after so many tries. */
const MAX_TRIES = 7;

/** One of the people of an afternoon: takes a device that nobody has, attends to it, takes the next. */
export async function playPerson(options: PersonOptions): Promise<void> {
  const { name, tablet, buttons } = options;
  const before: string[] = [];
  for (;;) {
    const free = tablet.view?.devices.filter((d) => d.state === 'waiting' && d.by === '') ?? [];
    // People start at different corners of the office.
    const device = free[(name.charCodeAt(name.length - 1) * 5) % Math.max(1, free.length)];
    if (device === undefined) return;
    await tablet.answer({ kind: 'take', device: device.id, by: name });
    const taken = await tablet.until(device.id, (d) => d.by !== '', SEEN_MS);
    const button = buttons.get(device.id);
    if (taken?.by !== name || button === undefined) continue;
    await attendTo(button, options, before);
    before.push(device.id);
  }
}

async function attendTo(button: Button, options: PersonOptions, before: readonly string[]): Promise<void> {
  const { name, tablet } = options;
  const { id } = button;
  let mistake = options.mistakes.get(id) ?? null;
  const did = (what: string) => options.onDone({ device: id, did: what });
  for (let tries = 0; ; tries += 1) {
    const device = await tablet.until(id, (d) => isOver(d) || d.by !== name || canPress(d), SEEN_MS);
    if (device === null || isOver(device) || device.by !== name) return;
    if (tries >= MAX_TRIES || mistake === 'skips') {
      await tablet.answer({ kind: 'skip', device: id });
      did('skipped');
      return;
    }
    if (mistake === 'skips-and-comes-back') {
      await tablet.answer({ kind: 'skip', device: id });
      await tablet.until(id, (d) => d.state === 'skipped', SEEN_MS);
      await tablet.answer({ kind: 'take', device: id, by: name });
      await tablet.until(id, (d) => d.state !== 'skipped', SEEN_MS);
      mistake = null;
      continue;
    }
    if (device.problem !== undefined) did(device.problem);
    if (device.state === 'stuck' && (await claim(button, device, options))) continue;
    if (device.state === 'stuck') {
      // What was mistaken may still be on its way.
      await sleep(500);
      await tablet.answer({ kind: 'again', device: id });
      if ((await tablet.until(id, (d) => isOver(d) || (d.state === 'entering' && d.prompt !== null), SEEN_MS)) === null)
        return;
    }
    await press(button, { ...options, mistake, before });
    mistake = null;
  }
}

/** "This one is mine": the panel shows the address that the page names. */
async function claim(
  { id, address }: Button,
  { results, problem }: AttendedDevice,
  { tablet, buttons }: PersonOptions,
): Promise<boolean> {
  // Behind one router an address tells nothing.
  const isShared = [...buttons.values()].some((other) => other.id !== id && other.address === address);
  if (problem !== 'ambiguous' || isShared) return false;
  const own = tablet.view?.strangers.findLast((stranger) => stranger.address === address);
  if (own === undefined) return false;
  if ((await tablet.answer({ kind: 'claim', device: id, stranger: own.id })) !== 204) return false;
  const claimed = await tablet.until(id, (d) => isOver(d) || d.results.length > results.length, CLAIM_MS);
  return claimed !== null;
}

async function press(
  button: Button,
  options: PersonOptions & { readonly mistake: Mistake | null; readonly before: readonly string[] },
): Promise<void> {
  const { tablet, mistake, before, buttons } = options;
  const { id } = button;
  const device = tablet.view?.devices.find((d) => d.id === id);
  if (device === undefined || device.prompt === null) return;
  const { prompt } = device;
  const seen = device.results.length;
  button.enter(prompt);
  await tablet.answer({ kind: 'pressed', device: id });
  if (mistake === 'takes-a-photo') await tablet.photo(id, options.photo);
  if (mistake !== 'forgets-to-press') {
    const other = mistake === 'presses-another' ? buttons.get(before.at(-1) ?? '') : undefined;
    const wrongPort = mistake === 'mistypes-the-port' ? options.wrongPort(prompt) : undefined;
    const pressed = (other ?? button).press(wrongPort);
    if (mistake === 'closes-the-tablet') {
      tablet.close();
      await sleep(2_000);
      tablet.open();
    }
    const { said, text } = await pressed;
    if (mistake === 'presses-twice') {
      await tablet.answer({ kind: 'pressed', device: id });
      await button.press();
    }
    const isOwn = other === undefined && wrongPort === undefined;
    if (isOwn && said !== 'nothing') await tablet.answer({ kind: 'shows', device: id, said, code: text.slice(0, 200) });
  }
  await tablet.until(id, (d) => isOver(d) || d.results.length > seen || canPressAgain(d), SEEN_MS);
}

function isOver({ state }: AttendedDevice): boolean {
  return state === 'done' || state === 'skipped';
}

function canPress({ state, prompt }: AttendedDevice): boolean {
  return prompt !== null && (state === 'entering' || state === 'stuck');
}

/** Nothing came, it was another one, or the harness was started anew. */
function canPressAgain({ state, problem, prompt }: AttendedDevice): boolean {
  return state === 'stuck' || (problem === 'restarted' && state === 'entering' && prompt !== null);
}
