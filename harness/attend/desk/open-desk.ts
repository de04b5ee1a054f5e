import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabFault } from '../../faults.ts';
import type { Answer, AttendView } from '../../vocabulary/attend.ts';
import type { Claimed, Door, DoorNews } from '../door/contract.ts';
import { askedOf, openingState } from './opening-state.ts';
import { openPressBook, type PressBookOptions } from './press-book.ts';
import { renderResult } from './press-result.ts';
import { spokenOf } from './reduce-answer.ts';
import { reduceDesk } from './reduce.ts';
import { renderView, type ViewFrame } from './render-view.ts';
import type { SavedDesk, SavedDevice } from './saved-desk.ts';
import type { DeskDevice, DeskEffect, DeskEvent, DeskState } from './state.ts';
import { openWaitingPresses } from './waiting-presses.ts';

export interface DeskOptions extends Omit<PressBookOptions, 'records' | 'keepBodies'> {
  readonly frame: ViewFrame;
  readonly door: Door;
  /** What a run that was cut off left. */
  readonly before?: {
    readonly records: PressBookOptions['records'];
    readonly saved: Pick<SavedDesk, 'version' | 'people' | 'devices'>;
  };
  /** In ms: how long the device's own next try is waited for after a connection that brought nothing. */
  readonly settleMs?: number;
  /** In ms: how long a connection is waited for after the button was pressed. Default: the device's patience. */
  readonly patienceMs?: number;
  readonly keepBodies?: boolean;
  readonly names?: SavedDesk['names'];
  readonly signal: AbortSignal;
}

/** The desk of an attended run: answers of people and presses at the door in, what pages show and records out. */
export interface Desk extends AsyncDisposable {
  view(): AttendView;
  /** Whether it changed anything: an answer may come late, or twice. */
  answer(answer: Answer): boolean;
  /** Keeps a photo, already without metadata, with the press that it shows; `about`: see `PressOrdinal`. */
  photo(
    device: string,
    photo: { readonly bytes: Buffer; readonly type: string },
    about?: number,
  ): 'kept' | 'no-press' | 'enough';
  /** A photo that was kept, by its name in the view. */
  photoOf(device: string, name: string): { readonly bytes: Buffer; readonly type: string } | null;
  news(news: DoorNews): void;
  /** Called after each change; returns how to stop that. */
  onChange(listener: () => void): () => void;
  /** What a later desk needs to go on. */
  save(): Pick<SavedDesk, 'names' | 'version' | 'people' | 'finished' | 'devices'>;
  /** Resolves when a person has ended the run; rejects with a fault that ends it. */
  readonly ended: Promise<void>;
}

/** A device's next try, after a handshake that failed, comes within 2 s or after minutes. */
const SETTLE_MS = 4_000;
const TICK_MS = 500;
const MAX_PHOTOS = 8;

/** Opens the desk. How it behaves says `reduceDesk`; here its effects are carried out. */
export function openDesk(options: DeskOptions): Desk {
  const { frame, door, before } = options;
  const book = openPressBook({
    ...options,
    keepBodies: options.keepBodies ?? false,
    records: before?.records ?? [],
  });
  const listed = new Map(frame.devices.map((d) => [d.device.id, d]));
  let state: DeskState = openingState({
    devices: frame.devices,
    choose: options.choose,
    records: book.records,
    saved: before?.saved ?? null,
    verdictsOf: (device) => book.verdicts(device),
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
  });
  const listeners = new Set<() => void>();
  const ended = Promise.withResolvers<void>();
  // Whoever waits for it is told; nobody need.
  ended.promise.catch(() => {});
  const find = (id: string): DeskDevice | undefined => state.devices.find((d) => d.id === id);

  const dispatch = (event: DeskEvent): boolean => {
    const { state: after, effects } = reduceDesk(state, event);
    const isChanged = after !== state;
    state = after;
    for (const effect of effects) perform(effect);
    if (isChanged) for (const listener of listeners) listener();
    return isChanged || effects.length > 0;
  };

  const presses = openWaitingPresses({
    door,
    book,
    settleMs: options.settleMs ?? SETTLE_MS,
    signal: options.signal,
    saved: before?.saved.devices ?? [],
    saidOf: (id) => ({ said: find(id)?.said ?? 'nothing', text: find(id)?.code ?? '' }),
    onReady: (device, prompt) => void dispatch({ kind: 'ready', device, prompt }),
    onConnected: (device) => void dispatch({ kind: 'connected', device }),
    onRecord: (record, planned) => {
      const device = record.device.id;
      const about = listed.get(device);
      const next = about === undefined ? null : book.next(about, find(device)?.notFound ?? []);
      const isOver = next === null || find(device)?.state === 'skipped' || state.finished;
      dispatch({
        kind: 'recorded',
        device,
        result: renderResult(record, planned),
        next: askedOf(next),
        verdicts: isOver ? book.verdicts(device) : [],
      });
    },
    onClaimed: (device, claimed) => {
      const event = renderClaimed(device, claimed);
      if (event !== null) dispatch(event);
    },
    // Trouble of the lab is shown at its device; a fault of ours ends the run, and all that is recorded is kept.
    onFault: (device, fault) => {
      if (fault instanceof LabFault) dispatch({ kind: 'trouble', device });
      else ended.reject(fault);
    },
  });

  const perform = (effect: DeskEffect): void => {
    if (effect.kind === 'finish') {
      for (const { id, pressed } of state.devices) presses.disarm(id, pressed);
      ended.resolve();
      return;
    }
    const about = listed.get(effect.device);
    const device = find(effect.device);
    if (about === undefined || device === undefined) return;
    switch (effect.kind) {
      case 'arm':
        return presses.arm(about, device.notFound);
      case 'disarm':
        return presses.disarm(device.id, effect.keep);
      case 'pressed':
        return presses.pressed(device.id);
      case 'hurry':
        return presses.hurry(device.id);
      case 'amend':
        return presses.amend(device.id, effect.press, { said: effect.said, text: effect.code });
      case 'claim':
        return presses.claim(about, device.notFound, effect.stranger);
      case 'replan': {
        const next = book.next(about, device.notFound);
        const verdicts = next === null ? book.verdicts(device.id) : [];
        dispatch({ kind: 'planned', device: device.id, next: askedOf(next), verdicts });
      }
    }
  };

  const ticking = setInterval(() => dispatch({ kind: 'tick', at: Date.now() }), TICK_MS);
  // A run that goes on waits for those that people have in hand.
  for (const { id, state: now } of state.devices) if (now === 'entering') perform({ kind: 'arm', device: id });
  return {
    view: () => renderView(state, frame, Date.now()),
    answer: (answer) => dispatch({ kind: 'answer', answer, at: Date.now() }),
    photo(id, photo, about) {
      const device = find(id);
      const listedAs = listed.get(id);
      if (device === undefined || listedAs === undefined || state.finished) return 'no-press';
      if (device.photos.length >= MAX_PHOTOS) return 'enough';
      const name = `photo-${device.photos.length + 1}.${ENDINGS[photo.type] ?? 'bin'}`;
      const over = spokenOf(device, about);
      if (!presses.photo(listedAs, device.notFound, over, { ...photo, name })) return 'no-press';
      dispatch({ kind: 'photo', device: id, name });
      return 'kept';
    },
    photoOf(id, name) {
      const kept = find(id)?.photos.includes(name) === true ? presses.photoOf(id, name) : null;
      if (kept === null) return null;
      return { bytes: readFileSync(join(options.folder.path, kept.path)), type: kept.type };
    },
    news(news) {
      if (news.kind !== 'moved') dispatch(news);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    save: () => ({
      ...(options.names === undefined ? {} : { names: options.names }),
      version: state.version,
      people: [...state.people],
      finished: state.finished,
      devices: state.devices.map(
        (d): SavedDevice => ({
          id: d.id,
          note: listed.get(d.id)?.note ?? '',
          state: d.state,
          by: d.by,
          said: d.said,
          code: d.code,
          notFound: [...d.notFound],
          photos: [...d.photos],
          ...presses.save(d.id),
        }),
      ),
    }),
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      await presses[Symbol.asyncDispose]();
    },
  };
}

/** What stands against a claim, as the device's problem. */
function renderClaimed(device: string, claimed: Claimed): DeskEvent | null {
  if (claimed.kind === 'claimed' || claimed.why === 'unknown-stranger') return null;
  return claimed.why === 'other-port' ? { kind: 'wrong-port', device } : { kind: 'wrong-policy', device };
}

const ENDINGS: Readonly<{ [type: string]: string }> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
};
