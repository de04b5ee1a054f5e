import * as z from 'zod';
import { CAUSES, OUTCOMES } from './finding.ts';
import { DIRECTIONS, Id } from './trial.ts';
import { ENGINES } from './verdict.ts';

/** A settled finding, as far as runs are compared by it. */
export const Found = z.strictObject({
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES).optional(),
  silent: z.boolean().optional(),
});
export type Found = z.infer<typeof Found>;

/**
 * What became of a question since the accepted state, or since another run. `regressed`: worked, fails; `fixed`:
 * failed, works; `changed`: any other difference, also where one side is inconclusive or was not run, for what was not
 * seen is no regression; `new` and `missing`: asked on one side only; `flaky`: asked again unchanged, the answers differ.
 */
export const CHANGE_KINDS = ['same', 'regressed', 'fixed', 'changed', 'flaky', 'new', 'missing'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Whose change explains a difference. `nothing-known`: all that is recorded and can matter is the same on both sides. */
const REASON_KINDS = ['firmware', 'device-facts', 'mode', 'server', 'harness', 'nothing-known'] as const;

/** One thing that is not the same on both sides. `path`: of the key that changed, `tls.min`, `version`, `trust`. */
export const Reason = z.strictObject({
  what: z.enum(REASON_KINDS),
  path: z.string().optional(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
});
export type Reason = z.infer<typeof Reason>;

/** A difference that somebody answers for, until a day. With `cause` only a finding of that cause is excused. */
export const Excuse = z.strictObject({
  reason: z.string().min(1),
  owner: z.string().min(1),
  /** The last day on which it counts. */
  expires: z.iso.date('a date is written YYYY-MM-DD'),
  cause: z.enum(CAUSES).optional(),
});
export type Excuse = z.infer<typeof Excuse>;

/** Why an excuse itself is an error. `matches-nothing`: the run asks no such question any more. */
const EXCUSE_FAULTS = ['expired', 'matches-nothing', 'works-again'] as const;
export type ExcuseFault = (typeof EXCUSE_FAULTS)[number];

export const Difference = z.strictObject({
  /**
   * The question, whatever firmware is installed: `device/scenario/setting/mode/question/engine`. Asked of another
   * than the installed firmware: `device@firmware/…`.
   */
  key: z.string(),
  trial: z.string(),
  device: Id,
  direction: z.enum(DIRECTIONS),
  mode: z.string(),
  engine: z.enum(ENGINES),
  kind: z.enum(CHANGE_KINDS),
  before: Found.optional(),
  after: Found.optional(),
  firmware: z.strictObject({ before: z.string().optional(), after: z.string().optional() }),
  because: z.array(Reason),
  /** flaky: every answer of the unchanged question, in order. */
  answers: z.array(Found).optional(),
  /** Of a difference: it is excused, unless `excuseFault` says why not. */
  excuse: Excuse.optional(),
  excuseFault: z.enum(EXCUSE_FAULTS).optional(),
});
export type Difference = z.infer<typeof Difference>;

/** comparison.json of a run: what is not as accepted. */
export const Comparison = z.strictObject({
  v: z.literal(1),
  against: z.strictObject({ kind: z.enum(['baseline', 'run']), name: z.string(), at: z.iso.datetime() }),
  run: z.string(),
  /** By kind, `same` included. */
  counts: z.record(z.enum(CHANGE_KINDS), z.int().min(0)),
  /** Sorted by key. Questions that are the same are only counted, unless they have an excuse. */
  differences: z.array(Difference),
});
export type Comparison = z.infer<typeof Comparison>;
