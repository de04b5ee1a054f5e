import type { Prompt } from '../../vocabulary/attend.ts';
import type { Attachment, Record } from '../../vocabulary/record.ts';
import type { Direction } from '../../vocabulary/trial.ts';
import type { PlannedPress } from './choose-press.ts';
import type { Claimed, Door, Press } from '../door/contract.ts';
import type { Traits } from '../door/identify.ts';
import { isLedByNames } from '../lead-by-names.ts';
import type { Device } from '../../vocabulary/device.ts';
import { isSample } from '../../vocabulary/emulated.ts';
import type { EndedPress, PressBook, Said } from './press-book.ts';
import { hostFor, renderPrompt } from './prompt.ts';
import type { ListedDevice } from './render-view.ts';
import type { Entered, SavedDevice } from './saved-desk.ts';
import { settlePress } from './settle-press.ts';
import type { PressKey } from './state.ts';

export interface WaitingPressesOptions {
  readonly door: Door;
  readonly book: PressBook;
  readonly settleMs: number;
  readonly signal: AbortSignal;
  /** What a run that was cut off left. */
  readonly saved: readonly SavedDevice[];
  readonly saidOf: (device: string) => Said;
  readonly onReady: (device: string, prompt: Prompt) => void;
  readonly onConnected: (device: string) => void;
  readonly onRecord: (record: Record, planned: Pick<PlannedPress, 'reason' | 'number'>) => void;
  readonly onClaimed: (device: string, claimed: Claimed) => void;
  readonly onFault: (device: string, fault: unknown) => void;
}

/** The presses that the door waits for, one a device at most, from being asked for to their records. */
export interface WaitingPresses extends AsyncDisposable {
  arm(about: ListedDevice, notFound: readonly string[]): void;
  /** `keep`: the button was pressed, and that nothing came is recorded. */
  disarm(device: string, keep: boolean): void;
  hurry(device: string): void;
  /** Adds what a person says of a press that is over to its record, also to one of before a restart. */
  amend(device: string, press: PressKey, said: Said): void;
  /** The person has pressed: the door waits for this device before those that are only taken. */
  pressed(device: string): void;
  claim(about: ListedDevice, notFound: readonly string[], stranger: string): void;
  /** Keeps it with a press that is over; `press` null: with the one that is asked for, also before the door waits for it. */
  photo(about: ListedDevice, notFound: readonly string[], press: PressKey | null, photo: Photo): boolean;
  /** Where a device's photo lies, by its name. */
  photoOf(device: string, name: string): Attachment | null;
  save(device: string): Pick<SavedDevice, 'attachments' | 'entered' | 'traits'>;
}

type Photo = Parameters<PressBook['keepPhoto']>[1];

interface Waiting {
  readonly about: ListedDevice;
  readonly planned: PlannedPress;
  readonly hurried: AbortController;
  readonly closed: AbortController;
  readonly photos: Attachment[];
  readonly askedAt: Date;
  readonly stand: Promise<Press>;
  opened: Press | null;
}

/** For waits that a signal ends. In ms. */
const FOREVER = Number.MAX_SAFE_INTEGER;

export function openWaitingPresses(options: WaitingPressesOptions): WaitingPresses {
  const { book, door } = options;
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const waiting = new Map<string, Waiting>();
  /** Their stands stay open: what comes late belongs to them. */
  const ended: EndedPress[] = [];
  const work = new Set<Promise<void>>();
  const entered = new Map<string, Partial<{ [D in Direction]: Entered }>>(options.saved.map((d) => [d.id, d.entered]));
  /** Of presses that the door does not wait for yet, or no longer. */
  const photosAhead = new Map(options.saved.map((d) => [d.id, d.attachments]));
  const endedPress = ({ trial, startedAt }: PressKey) =>
    ended.find((e) => e.planned.trial.id === trial && e.startedAt.toISOString() === startedAt);

  const track = (device: string, doing: Promise<void>): void => {
    const tracked = doing
      .catch((fault: unknown) => {
        if (!signal.aborted) options.onFault(device, fault);
      })
      .finally(() => work.delete(tracked));
    work.add(tracked);
  };

  const write = (press: EndedPress): void => options.onRecord(book.write(press), press.planned);
  /** A press of before a restart is on disk alone. */
  const writeAmended = (key: PressKey, added: Parameters<PressBook['amend']>[1]): void => {
    const record = book.amend(key, added);
    // The desk knows by now why it was asked for.
    if (record !== null) options.onRecord(record, { reason: 'again', number: record.attempt });
  };

  const arm = (about: ListedDevice, notFound: readonly string[]): Waiting | null => {
    const { device } = about;
    const already = waiting.get(device.id);
    if (already !== undefined) return already;
    const planned = book.next(about, notFound);
    if (planned === null || signal.aborted) return null;
    const press: Waiting = {
      about,
      planned,
      hurried: new AbortController(),
      closed: new AbortController(),
      photos: [...(photosAhead.get(device.id) ?? [])],
      askedAt: new Date(),
      stand: door.expect({
        device: device.id,
        trial: planned.trial,
        resolvesHosts: resolvesHosts(device),
      }),
      opened: null,
    };
    photosAhead.delete(device.id);
    waiting.set(device.id, press);
    track(device.id, attend(press));
    return press;
  };

  /** From the door's readiness to the press's end. */
  const attend = async (press: Waiting): Promise<void> => {
    const { about, planned } = press;
    const { id, patience } = about.device;
    const { direction, setting } = planned.trial;
    const expected = AbortSignal.any([signal, press.closed.signal]);
    let startedAt: Date;
    try {
      const stand = await press.stand;
      if (press.closed.signal.aborted) return await stand[Symbol.asyncDispose]();
      press.opened = stand;
      const asked = { device: about.device, reason: planned.reason, direction, setting };
      options.onReady(id, renderPrompt({ ...asked, before: entered.get(id)?.[direction] ?? null }, stand));
      await stand.tap.until(() => stand.hasBegun, { idleMs: FOREVER, totalMs: FOREVER, signal: expected });
      startedAt = stand.tap.captures()[0]?.startedAt ?? new Date();
      options.onConnected(id);
      await settlePress(stand, direction, {
        idleMs: Math.min(options.settleMs, patience.idleSeconds * 1000),
        totalMs: patience.totalSeconds * 1000,
        hurry: press.hurried.signal,
        signal: expected,
      });
    } catch (reason) {
      if (expected.aborted) return;
      if (waiting.get(id) === press) waiting.delete(id);
      throw reason;
    }
    if (press.opened !== null) end(press, press.opened, startedAt);
  };

  const end = (press: Waiting, stand: Press, startedAt: Date): void => {
    const { about, planned, photos } = press;
    const { id } = about.device;
    const { direction, setting } = planned.trial;
    const known = entered.get(id)?.[direction] ?? null;
    waiting.delete(id);
    stand.tap.endTrial();
    entered.set(id, {
      ...entered.get(id),
      [direction]: { host: hostFor(setting, known, stand.host), port: stand.port, security: setting.security },
    });
    const one: EndedPress = { about, planned, stand, startedAt, endedAt: new Date(), photos, said: options.saidOf(id) };
    ended.push(one);
    write(one);
  };

  return {
    arm: (about, notFound) => void arm(about, notFound),
    disarm(id, keep) {
      const press = waiting.get(id);
      if (press === undefined) return;
      press.closed.abort();
      const { opened } = press;
      if (keep && opened !== null) return end(press, opened, press.askedAt);
      waiting.delete(id);
      photosAhead.set(id, press.photos);
      if (opened !== null) track(id, (async () => opened[Symbol.asyncDispose]())());
    },
    hurry: (id) => waiting.get(id)?.hurried.abort(),
    amend(id, key, said) {
      const press = endedPress(key);
      if (press === undefined) return writeAmended(key, { said });
      press.said = said;
      write(press);
    },
    claim(about, notFound, stranger) {
      const press = arm(about, notFound);
      if (press === null) return;
      const { id } = about.device;
      track(
        id,
        press.stand.then((stand) => options.onClaimed(id, door.claim(stranger, stand))),
      );
    },
    pressed(id) {
      const press = waiting.get(id);
      if (press !== undefined)
        track(
          id,
          press.stand.then((stand) => stand.pressed()),
        );
    },
    photo(about, notFound, key, photo) {
      const { id } = about.device;
      const trial = key?.trial ?? waiting.get(id)?.planned.trial.id ?? book.next(about, notFound)?.trial.id;
      if (trial === undefined) return false;
      const kept = book.keepPhoto(trial, photo);
      const over = key === null ? undefined : endedPress(key);
      if (over !== undefined) {
        over.photos.push(...kept);
        write(over);
      } else if (key !== null) writeAmended(key, { photos: kept });
      else if (waiting.has(id)) waiting.get(id)?.photos.push(...kept);
      else photosAhead.set(id, [...(photosAhead.get(id) ?? []), ...kept]);
      return true;
    },
    photoOf: (id, name) =>
      [
        ...(waiting.get(id)?.photos ?? photosAhead.get(id) ?? []),
        ...book.records.flatMap((r) => (r.device.id === id ? r.attachments : [])),
      ].find((a) => a.name === name) ?? null,
    save: (id) => ({
      attachments: [...(waiting.get(id)?.photos ?? photosAhead.get(id) ?? [])],
      traits: copyOf(door.traitsOf(id)),
      entered: entered.get(id) ?? {},
    }),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.allSettled(work);
      for (const press of ended) if (book.grew(press)) write(press);
      const stands = [...ended.map((e) => e.stand), ...[...waiting.values()].flatMap((w) => w.opened ?? [])];
      await Promise.allSettled(stands.map(async (stand) => stand[Symbol.asyncDispose]()));
    },
  };
}

/** Emulated devices live in a lab whose name service leads every mail host to the door. */
function resolvesHosts(device: Device): boolean {
  return isSample(device) || isLedByNames(device);
}

function copyOf({ addresses, fingerprints, ehloNames }: Traits): SavedDevice['traits'] {
  return { addresses: [...addresses], fingerprints: [...fingerprints], ehloNames: [...ehloNames] };
}
