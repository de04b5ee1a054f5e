import type {
  Answer,
  AttendedState,
  PressReason,
  PressResult,
  Problem,
  Prompt,
  Stranger,
} from '../../vocabulary/attend.ts';
import type { Direction } from '../../vocabulary/trial.ts';
import type { Verdict } from '../../vocabulary/verdict.ts';

/** Everything that an attended run knows at a time, but for what is open: plain data, changed by `reduceDesk` alone. */
export interface DeskState {
  /** Grows with each change. */
  readonly version: number;
  readonly devices: readonly DeskDevice[];
  /** Connections that nobody was asked for, newest last. */
  readonly strangers: readonly Stranger[];
  /** Which of them may be one of several devices that were waited for, by the stranger's id. */
  readonly contests: readonly Contest[];
  readonly people: readonly string[];
  readonly finished: boolean;
}

interface Contest {
  readonly stranger: string;
  readonly devices: readonly string[];
}

export interface DeskDevice {
  readonly id: string;
  readonly state: AttendedState;
  readonly problem: Problem | null;
  readonly rivals: readonly string[];
  readonly by: string;
  /** The press that is asked for; null: there is nothing more to ask. */
  readonly press: AskedPress | null;
  /** What to enter for it; null: the door is not ready for it. */
  readonly prompt: Prompt | null;
  /** The person says that the button was pressed for the press that is asked for. */
  readonly pressed: boolean;
  /** Epoch ms at which waiting for a connection ends. */
  readonly waitsUntil: number | null;
  /** How long to wait for a connection after the button was pressed. */
  readonly patienceMs: number;
  /** What the device shows, in the words of the person: of the press that is asked for. */
  readonly said: PressResult['said'];
  readonly code: string;
  readonly photos: readonly string[];
  /** Ids of settings that the person cannot find or change. */
  readonly notFound: readonly string[];
  readonly results: readonly DeskResult[];
  readonly verdicts: readonly Verdict[];
}

/** A press that is planned: what `nextPress` says, without the trial's details. */
export interface AskedPress {
  readonly number: number;
  readonly reason: PressReason;
  readonly trial: string;
  readonly direction: Direction;
  readonly setting: string;
  readonly port: number;
}

export interface DeskResult extends PressResult {
  readonly direction: Direction;
  readonly startedAt: string;
}

/** Tells presses apart, also over a restart: a trial may be pressed again. `startedAt`: ISO time. */
export type PressKey = Pick<DeskResult, 'trial' | 'startedAt'>;

/** Times are epoch ms. */
export type DeskEvent =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly at: number }
  /** The door waits for the device's press, and this is what to enter. */
  | { readonly kind: 'ready'; readonly device: string; readonly prompt: Prompt }
  | { readonly kind: 'connected'; readonly device: string }
  /** A press is judged and on disk, or what a person said of it was added. `next`: null when nothing is left to ask. */
  | {
      readonly kind: 'recorded';
      readonly device: string;
      readonly result: DeskResult;
      readonly next: AskedPress | null;
      readonly verdicts: readonly Verdict[];
    }
  /** What is asked next without the settings that cannot be found. */
  | {
      readonly kind: 'planned';
      readonly device: string;
      readonly next: AskedPress | null;
      readonly verdicts: readonly Verdict[];
    }
  | { readonly kind: 'photo'; readonly device: string; readonly name: string }
  | { readonly kind: 'person'; readonly name: string }
  | { readonly kind: 'trouble'; readonly device: string }
  | { readonly kind: 'stranger'; readonly stranger: Stranger }
  | { readonly kind: 'stranger-gone'; readonly stranger: string }
  | { readonly kind: 'ambiguous'; readonly devices: readonly string[]; readonly stranger: string }
  | { readonly kind: 'other-device'; readonly asked: string; readonly answered: string }
  | { readonly kind: 'address-changed'; readonly device: string }
  | { readonly kind: 'wrong-port'; readonly device: string }
  /** It met servers that were not meant for it: what was seen says nothing, and it has to be pressed again. */
  | { readonly kind: 'wrong-policy'; readonly device: string }
  | { readonly kind: 'tick'; readonly at: number };

/** What has to be done after an event; how is the desk's business. */
export type DeskEffect =
  /** Let the door wait for the device's press, if it does not yet. */
  | { readonly kind: 'arm'; readonly device: string }
  /** The door no longer waits for it. `keep`: the button was pressed, so that nothing came is recorded. */
  | { readonly kind: 'disarm'; readonly device: string; readonly keep: boolean }
  | { readonly kind: 'pressed'; readonly device: string }
  /** The device has given up: nothing more is to be waited for. */
  | { readonly kind: 'hurry'; readonly device: string }
  /** Add what the person says to the record of a press that is over. */
  | {
      readonly kind: 'amend';
      readonly device: string;
      readonly press: PressKey;
      readonly said: PressResult['said'];
      readonly code: string;
    }
  | { readonly kind: 'replan'; readonly device: string }
  | { readonly kind: 'claim'; readonly device: string; readonly stranger: string }
  | { readonly kind: 'finish' };

export interface Reduced {
  readonly state: DeskState;
  readonly effects: readonly DeskEffect[];
}
