import * as z from 'zod';
import type { Device } from './device.ts';
import type { Cause, Outcome } from './finding.ts';
import { Bilingual, Id, type Direction, type Setting } from './trial.ts';
import type { Verdict } from './verdict.ts';

/**
 * What the pages of an attended run show, and what people answer. A person presses the device's own button ("send a
 * test mail"); the harness decides what meets the press.
 */

/** More presses than this are asked of nobody. */
export const MAX_PRESSES = 4;

/** Why a press is asked for: `first` meets strict; `setting`: the person changes what the device is told. */
const PRESS_REASONS = ['first', 'legacy', 'today', 'counter-test', 'setting', 'again'] as const;
export type PressReason = (typeof PRESS_REASONS)[number];

/**
 * `waiting`: nobody has taken it · `entering`: a person enters the settings · `armed`: the next connection counts ·
 * `connected`: it is talking · `done`: verdict known · `skipped` · `stuck`: nothing came, or it is not clear whose
 * connection it was; `problem` says which.
 */
export const DEVICE_STATES = ['waiting', 'entering', 'armed', 'connected', 'done', 'skipped', 'stuck'] as const;
export type AttendedState = (typeof DEVICE_STATES)[number];

const PROBLEMS = [
  'nothing-came',
  'wrong-port',
  'ambiguous',
  'other-device',
  'address-changed',
  'setting-not-found',
  'lab-trouble',
  /** It came when other servers answered; it is known now, and has to be pressed once more. */
  'too-early',
  /** The harness ended while its press was on: press again. */
  'restarted',
] as const;
export type Problem = (typeof PROBLEMS)[number];

/** One line of what to type into the device. */
export interface Entry {
  readonly name: 'host' | 'port' | 'security' | 'user' | 'password' | 'sender' | 'recipient';
  /** Of `security` the code: `starttls`, `implicit`, `plaintext`, `opportunistic`. */
  readonly value: string;
  /** What the device itself calls it, where its file says so: "SSL/TLS". Else the page's own words for the code. */
  readonly words?: Bilingual;
}

/** What a person is asked to do next at one device. */
export interface Prompt {
  readonly reason: PressReason;
  readonly direction: Direction;
  /** Where the settings are, in the words of the device's menu. */
  readonly menu?: Bilingual;
  /** Everything at the first press, later only what has to be changed; empty: only press again. */
  readonly entries: readonly Entry[];
  readonly setting: Setting;
  /** What the device needs before its first press; absent: nothing. */
  readonly prepare?: readonly Preparation[];
}

/**
 * `names`: the provider's host names have to lead it here (`GET /names` says how) · `run-ca`: it checks certificates, and
 * is to be given this run's root (`GET /run-ca.crt` as DER, `/run-ca.pem`).
 */
export type Preparation = 'names' | 'run-ca';

/** What came of one press. */
export interface PressResult {
  /** From 1, of its direction. */
  readonly number: number;
  readonly direction: Direction;
  readonly reason: PressReason;
  readonly trial: string;
  readonly outcome: Outcome;
  readonly cause?: Cause;
  readonly encrypted: boolean | null;
  /** What the person said: shown, typed or photographed. Never a witness. */
  readonly said: 'sent' | 'failed' | 'nothing';
  /** Best TLS version that the device offered; null: no hello. */
  readonly offered: string | null;
  readonly connections: number;
}

export interface AttendedDevice {
  readonly id: string;
  readonly name: string;
  readonly kind: Device['kind'];
  /** From the list: where it stands, its inventory number. */
  readonly note: string;
  readonly state: AttendedState;
  readonly problem?: Problem;
  /** Other devices that the connection may have come from. */
  readonly rivals: readonly string[];
  /** As its owner has it now, first setting of each direction: what an owner goes on entering for the legacy host. */
  readonly configured: readonly Setting[];
  /** Press that is asked for next, from 1. */
  readonly press: number;
  readonly prompt: Prompt | null;
  /** ISO time at which waiting for a connection ends; null: not waiting. */
  readonly waitsUntil: string | null;
  /** Who has it in hand, as they call themselves; "" nobody. */
  readonly by: string;
  readonly results: readonly PressResult[];
  readonly verdicts: readonly Verdict[];
  /** Names of the photos that were taken of it. */
  readonly photos: readonly string[];
}

/** A device that connected although nobody was asked. */
export interface Stranger {
  readonly id: string;
  /** Source address; masked where the run masks addresses. */
  readonly address: string;
  readonly ehlo: string | null;
  readonly offered: string | null;
  readonly port: number;
  readonly at: string;
}

/** What a page shows of it. */
export interface SeenStranger extends Stranger {
  /** Devices that were waited for, and of which it is one, as far as can be told; empty: nobody waited for it. */
  readonly mayBe: readonly string[];
}

/** The whole state, sent after each change. All texts in it may come from devices: show them as text only. */
export interface AttendView {
  readonly version: number;
  /** The desk's clock when this was sent, ISO: a tablet's own may be wrong, and waiting is counted down by the desk's. */
  readonly now: string;
  readonly run: string;
  readonly startedAt: string;
  /** The certificate that the servers show: a throw-away CA gives no customer verdict for devices that verify. */
  readonly certificate: 'lab' | 'provider';
  readonly devices: readonly AttendedDevice[];
  readonly strangers: readonly SeenStranger[];
  readonly people: readonly string[];
  readonly finished: boolean;
}

/**
 * `GET /events` sends `event: view` (data: an `AttendView`; the first at once, later ones after each change), and each
 * `BEAT_MS` `event: beat` (data: a `Beat`): a page that hears nothing for three of them says that it lost the network,
 * and connects again. `GET /policies` answers with the run's modes (`Mode[]`), whose hosts and dates the texts speak of.
 */
export interface Beat {
  readonly now: string;
  readonly version: number;
}
export const BEAT_MS = 5_000;

/** `GET /photo?device=…&name=…`: a photo of `AttendedDevice.photos`. `POST /photo?device=…&about=…`: one more. */
export interface PhotoRefusal {
  readonly why: Bilingual;
}

/** `GET /qr`: the way in for one more person. Each call mints a key that opens the page once. */
export interface Invitation {
  readonly url: string;
  /** The QR code as SVG. Pages show it as an image, never as markup of their own. */
  readonly svg: string;
}

/**
 * Which press of a device is spoken of, from 1 over both directions: that of the result with this number, or the one
 * after the last result. What is said may be on its way for long; without it the press that is on, or else the last.
 */
export const PressOrdinal = z.int().min(1).max(99);

/** What a page sends. Untrusted: parsed before anything happens. */
export const Answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('take'), device: Id, by: z.string().max(40) }),
  z.strictObject({ kind: z.literal('release'), device: Id }),
  /** "I have entered it and pressed": the door waits from now on. */
  z.strictObject({ kind: z.literal('pressed'), device: Id }),
  z.strictObject({
    kind: z.literal('shows'),
    device: Id,
    said: z.enum(['sent', 'failed']),
    code: z.string().max(200),
    /** See `PressOrdinal`. */
    about: PressOrdinal.optional(),
  }),
  z.strictObject({ kind: z.literal('setting-not-found'), device: Id }),
  z.strictObject({ kind: z.literal('skip'), device: Id }),
  z.strictObject({ kind: z.literal('again'), device: Id }),
  /** The connection was this device's after all. */
  z.strictObject({ kind: z.literal('claim'), device: Id, stranger: z.string().max(40) }),
  z.strictObject({ kind: z.literal('finish') }),
]);
export type Answer = z.infer<typeof Answer>;
