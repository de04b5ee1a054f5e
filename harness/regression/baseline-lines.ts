import * as z from 'zod';
import { Excuse, Found } from '../vocabulary/comparison.ts';
import { DIRECTIONS, Id } from '../vocabulary/trial.ts';
import { ENGINES } from '../vocabulary/verdict.ts';

/** Version of the file's format. */
export const BASELINE_VERSION = 1;

const Short = z.string().regex(/^[0-9a-f]{12}$/, 'the first 12 hexadecimal digits of a SHA-256');
const Values = z.record(z.string(), z.unknown());

/** Line 1. */
const HeaderLine = z.strictObject({
  baseline: z.literal(BASELINE_VERSION),
  acceptedAt: z.iso.datetime(),
  /** The run that was accepted last. */
  run: z.string(),
});

/** What a mode's YAML said, under a fingerprint of itself. */
const ModeLine = z.strictObject({ mode: z.string(), is: Short, parameters: Values });

/** What a server showed of itself in a mode. */
const ServerLine = z.strictObject({ server: z.string(), is: Short, traits: Values });

/** All around the answers of an engine. `usual`: of every answer of that engine that names no other. */
const ContextLine = z.strictObject({
  context: Short,
  engine: z.enum(ENGINES),
  usual: z.literal(true).optional(),
  harness: z.strictObject({ cutover: z.string(), node: z.string(), openssl: z.string() }),
  modes: z.record(z.string(), Short),
  servers: z.record(z.string(), Short),
});

/** What of a device's file decides how it behaves. `usual`: of every answer of that device that names no other. */
const DeviceLine = z.strictObject({
  device: Id,
  is: Short,
  usual: z.literal(true).optional(),
  kind: z.string(),
  common: Values,
  settings: Values,
  firmware: z.record(z.string(), Values),
});

/** A difference that somebody answers for. Written by hand, or by `cutover baseline excuse`. */
const ExcuseLine = z.strictObject({ excuse: z.string(), ...Excuse.shape });

/** An accepted answer. */
export const AnswerLine = z.strictObject({
  key: z.string(),
  firmware: z.string().min(1),
  direction: z.enum(DIRECTIONS),
  ...Found.shape,
  asConfigured: z.literal(false).optional(),
  /** Accepted as flaky: what it answered, in the order of asking. */
  answers: z.array(Found).min(2).optional(),
  context: Short.optional(),
  facts: Short.optional(),
});

/** Each line's kind is told by a key that no other has. In the order in which they stand in a file. */
export const LINES = {
  baseline: HeaderLine,
  harness: ContextLine,
  parameters: ModeLine,
  traits: ServerLine,
  device: DeviceLine,
  excuse: ExcuseLine,
  key: AnswerLine,
} as const;
export type LineKind = keyof typeof LINES;
