import type { Found } from '../vocabulary/comparison.ts';
import type { Evidence } from '../vocabulary/evidence.ts';
import type { Finding } from '../vocabulary/finding.ts';
import type { Direction } from '../vocabulary/trial.ts';
import type { EngineName } from '../vocabulary/verdict.ts';

/** Answers to questions, from a run or a baseline, with all that may explain why others differ from them. */
export interface State {
  /** A run's id, or a baseline's file. */
  readonly name: string;
  /** When it was measured or accepted, ISO 8601. */
  readonly at: string;
  /** By key. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** Questions that were not put because the device's control ended in trouble: by `sparedKey`. */
  readonly spared: ReadonlyMap<string, Spared>;
}

/** A device and direction whose control ended in trouble. */
export interface Spared {
  readonly found: Found;
  readonly context: Context;
}

export interface Question {
  readonly device: string;
  readonly firmware: string;
  /** false: asked of another than the installed firmware. */
  readonly installed: boolean;
  readonly scenario: string;
  /** Id. */
  readonly setting: string;
  readonly mode: string;
  readonly engine: EngineName;
}

/** A question's settled answer. */
export interface Answer extends Question {
  readonly key: string;
  readonly direction: Direction;
  /** false: one of the device's other settings, asked only because the first failed. */
  readonly asConfigured: boolean;
  readonly found: Found;
  /** More than one: asked again unchanged, in the order of asking. */
  readonly answers: readonly Found[];
  readonly context: Context;
  /** null: not known. */
  readonly facts: Facts | null;
  /** What was seen; of a baseline nothing. */
  readonly evidence?: () => Evidence;
}

/** All around a question but the device. One object for all answers that share it. */
export interface Context {
  readonly engine: EngineName;
  readonly harness: { readonly cutover: string; readonly node: string; readonly openssl: string };
  /** By mode: what its YAML says, as far as servers act by it. */
  readonly modes: Readonly<Record<string, Parameters>>;
  /** By mode: what its server showed of itself before it judged. */
  readonly servers: Readonly<Record<string, Traits>>;
}

export type Parameters = Readonly<Record<string, unknown>>;
export type Traits = Readonly<Record<string, unknown>>;

/** What of a device's file decides how it behaves. */
export interface Facts {
  readonly kind: string;
  readonly common: Readonly<Record<string, unknown>>;
  /** By id, then by key, where no firmware has its own. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** By version: its settings, and what an emulated one is built from. */
  readonly firmware: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `device/scenario/setting/mode/question/engine`; another firmware than the installed one stands with the device. */
export function keyOf({ device, firmware, installed, scenario, setting, mode, engine }: Question): string {
  return [installed ? device : `${device}@${firmware}`, scenario, setting, mode, 'question', engine].join('/');
}

/** The trial's id in its run, which names the firmware. */
export function trialOf({ device, firmware, scenario, setting, mode }: Question): string {
  return [`${device}@${firmware}`, scenario, setting, mode, 'question'].join('/');
}

/** A device, as installed or with another firmware, and a direction. */
export function sparedKey({
  device,
  firmware,
  installed,
  direction,
}: Pick<Answer, 'device' | 'firmware' | 'installed' | 'direction'>): string {
  return `${installed ? device : `${device}@${firmware}`}/${direction}`;
}

/** What runs are compared by: sentences, candidates and keys that say nothing are left out. */
export function foundOf({ outcome, cause, silent }: Pick<Finding, 'outcome' | 'cause' | 'silent'>): Found {
  return { outcome, ...(cause === undefined ? {} : { cause }), ...(silent === true ? { silent } : {}) };
}
