import { setTimeout as sleep } from 'node:timers/promises';
import type { AttendedDevice, Prompt } from '../../../vocabulary/attend.ts';
import type { Button } from './button.ts';
import type { Tablet } from './tablet.ts';

/** What people do wrong at a device, or otherwise than the page expects. */
export type Mistake =
  | 'presses-twice'
  | 'presses-another'
  | 'forgets-to-press'
  | 'presses-before-the-page-is-told'
  | 'mistypes-the-port'
  | 'skips'
  | 'skips-and-comes-back'
  | 'loses-the-network'
  | 'gives-it-another-address'
  | 'takes-a-photo';

export interface PersonOptions {
  readonly name: string;
  readonly tablet: Tablet;
  /** First and last device of the list that are nearest to this person; the last is not included. */
  readonly corner: readonly [from: number, to: number];
  readonly buttons: ReadonlyMap<string, Button>;
  /** Of devices at whose first press they are made; another address is given before the second. */
  readonly mistakes: ReadonlyMap<string, Mistake>;
  /** A port of the door that is not the one asked for. */
  readonly wrongPort: (prompt: Prompt) => number;
  readonly newAddress: () => string;
  readonly photo: Buffer;
  /** Told what the person did and saw, for the test's messages. */
  readonly onDone: (device: string, did: string) => void;
}

/** The door notices a connection, or that none comes, within this; a restart takes a while, too. In ms. */
const SEEN_MS = 100_000;
/** The page shows who has taken a device within this. In ms. */
const TAKEN_MS = 20_000;
/** A claimed connection has ended by then. In ms. */
const CLAIM_MS = 20_000;
/** A device from which nothing came so often is skipped: its own network may be down. */
const MAX_NOTHING = 2;
/** One that gets nowhere for other reasons is left after so many tries. */
const MAX_TRIES = 9;
/** A person walks, reads and types. In ms. */
const HAND_MS = 300;

/** One of the people of an afternoon: takes a device that nobody has, attends to it, takes the next. */
export async function playPerson(options: PersonOptions): Promise<void> {
  const { name, tablet, buttons } = options;
  const before: string[] = [];
  for (;;) {
    const isFree = (d: AttendedDevice) => !isOver(d) && d.by === '';
    const all = tablet.view?.devices ?? [];
    // Everybody has a corner of the office, and helps at the far end of the others' when it is done.
    const device = all.slice(...options.corner).find(isFree) ?? all.findLast(isFree);
    if (device === undefined) return;
    await tablet.answer({ kind: 'take', device: device.id, by: name });
    // Who takes it last has it: a view of before shows whoever took it at the same time.
    const taken = await tablet.until(device.id, (d) => d.by === name, TAKEN_MS);
    const button = buttons.get(device.id);
    if (taken === null || button === undefined) continue;
    await attendTo(button, options, before);
    // One that was skipped, or left to somebody else, has nothing entered: pressing it does nothing.
    if (button.presses.length > 0) before.push(device.id);
  }
}

async function attendTo(button: Button, options: PersonOptions, before: readonly string[]): Promise<void> {
  const { name, tablet } = options;
  const { id } = button;
  let mistake = options.mistakes.get(id) ?? null;
  const did = (what: string) => options.onDone(id, what);
  let pressedInVain = 0;
  for (let tries = 0; ; tries += 1) {
    const device = await tablet.until(id, (d) => isOver(d) || d.by !== name || canPress(d), SEEN_MS);
    if (device === null) return did(`left: nothing to press within ${SEEN_MS / 1000} s`);
    if (isOver(device)) return;
    if (device.by === '') {
      // Who took it just before the kill is asked again.
      await tablet.answer({ kind: 'take', device: id, by: name });
      await tablet.until(id, (d) => d.by !== '', TAKEN_MS);
      continue;
    }
    if (device.by !== name) return did(`left to ${device.by}`);
    if (tries >= MAX_TRIES || mistake === 'skips' || pressedInVain >= MAX_NOTHING) {
      await tablet.answer({ kind: 'skip', device: id });
      return did('skipped');
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
      await tablet.answer({ kind: 'again', device: id });
      await tablet.until(id, (d) => isOver(d) || (d.state === 'entering' && d.prompt !== null), SEEN_MS);
    }
    const isSecond = device.results.length > 0 && mistake === 'gives-it-another-address';
    if (isSecond) button.move(options.newAddress());
    const came = await press(button, { ...options, mistake, before });
    if (came === 'too-late') continue;
    const after = tablet.view?.devices.find((d) => d.id === id);
    if (came === 'pressed' && after?.state === 'stuck') pressedInVain += 1;
    if (mistake !== 'gives-it-another-address' || isSecond) mistake = null;
  }
}

/** "This one is mine": the panel shows the address that the page names. */
async function claim(
  { id, address }: Button,
  { results, problem }: AttendedDevice,
  { tablet, buttons, onDone }: PersonOptions,
): Promise<boolean> {
  // Behind one router an address tells nothing.
  const isShared = [...buttons.values()].some((other) => other.id !== id && other.address === address);
  if (problem !== 'ambiguous' || isShared) return false;
  const own = tablet.view?.strangers.findLast((stranger) => stranger.address === address);
  if (own === undefined) return false;
  if ((await tablet.answer({ kind: 'claim', device: id, stranger: own.id })) !== 204) return false;
  const claimed = await tablet.until(id, (d) => isOver(d) || d.results.length > results.length, CLAIM_MS);
  onDone(id, claimed === null ? 'claimed in vain' : 'claimed');
  return claimed !== null;
}

/** Whether this device's button was pressed, with what was asked for; `too-late`: nothing is asked any more. */
async function press(
  button: Button,
  options: PersonOptions & { readonly mistake: Mistake | null; readonly before: readonly string[] },
): Promise<'pressed' | 'mistaken' | 'too-late'> {
  const { tablet, mistake, before, buttons, onDone } = options;
  const { id } = button;
  const device = tablet.view?.devices.find((d) => d.id === id);
  if (device === undefined || !canPress(device) || device.prompt === null) return 'too-late';
  const { prompt } = device;
  const seen = device.results.length;
  const { restarts } = tablet;
  await button.enter(prompt);
  await sleep(HAND_MS);
  // Somebody else has come for it at the same time.
  if (tablet.view?.devices.find((d) => d.id === id)?.by !== options.name) return 'too-late';
  const pressed = () => tablet.answer({ kind: 'pressed', device: id });
  const shows = async (said: 'sent' | 'failed' | 'nothing', text: string): Promise<void> => {
    if (said !== 'nothing') await tablet.answer({ kind: 'shows', device: id, said, code: text.slice(0, 200) });
  };
  switch (mistake) {
    case 'forgets-to-press':
      await pressed();
      break;
    case 'mistypes-the-port':
      await pressed();
      await button.press({ mistypedPort: options.wrongPort(prompt) });
      break;
    case 'presses-another': {
      await pressed();
      const another = before.at(-1) ?? [...buttons.values()].find((b) => b.id !== id && b.presses.length > 0)?.id;
      await buttons.get(another ?? '')?.press({ byMistake: true });
      break;
    }
    default: {
      if (mistake !== 'presses-before-the-page-is-told') await pressed();
      const showing = button.press();
      if (mistake === 'takes-a-photo') onDone(id, `photo ${await tablet.photo(id, options.photo)}`);
      if (mistake === 'loses-the-network') tablet.lose();
      const { said, text } = await showing;
      if (mistake === 'loses-the-network') tablet.back();
      if (mistake === 'presses-before-the-page-is-told') await pressed();
      if (mistake === 'presses-twice') {
        await pressed();
        await button.press({ byMistake: true });
      }
      await shows(said, text);
    }
  }
  const isForgotten = (d: AttendedDevice) => tablet.restarts > restarts && d.state === 'entering' && d.prompt !== null;
  const isOn = (d: AttendedDevice) => isOver(d) || d.results.length > seen || d.state === 'stuck' || isForgotten(d);
  if ((await tablet.until(id, isOn, SEEN_MS)) === null) onDone(id, 'nothing came of a press');
  return mistake === null || !NOT_PRESSED.has(mistake) ? 'pressed' : 'mistaken';
}

const NOT_PRESSED: ReadonlySet<Mistake> = new Set(['forgets-to-press', 'mistypes-the-port', 'presses-another']);

function isOver({ state }: AttendedDevice): boolean {
  return state === 'done' || state === 'skipped';
}

function canPress({ state, prompt }: AttendedDevice): boolean {
  return prompt !== null && (state === 'entering' || state === 'stuck');
}
