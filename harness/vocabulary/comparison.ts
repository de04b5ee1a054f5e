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
 * What became of a question since the accepted state, or since another run. `regressed`: worked, does not any more;
 * `fixed`: did not work, works; `changed`: another cause or outcome of which neither works; `new` and `missing`: asked
 * on one side only; `flaky`: asked again unchanged, the answers differ.
 */
export const CHANGE_KINDS = ['same', 'regressed', 'fixed', 'changed', 'flaky', 'new', 'missing'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Whose change explains a difference. `nothing-known`: everything that is recorded is the same on both sides. */
export const REASON_KINDS = ['firmware', 'device-facts', 'mode', 'server', 'harness', 'nothing-known'] as const;

/** One thing that is not the same on both sides. `path`: of the key that changed, `tls.suites`, `firmware`, `trust`. */
export const Reason = z.strictObject({
  what: z.enum(REASON_KINDS),
  path: z.string().optional(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
});
export type Reason = z.infer<typeof Reason>;

/** A difference that somebody answers for, until a day. */
export const Excuse = z.strictObject({ reason: z.string().min(1), owner: z.string().min(1), expires: z.iso.date() });
export type Excuse = z.infer<typeof Excuse>;

/** Why an excuse itself is an error. `matches-nothing`: no question of the run is what it speaks of. */
export const EXCUSE_FAULTS = ['expired', 'matches-nothing', 'works-again'] as const;

export const Difference = z.strictObject({
  /** Device, scenario, setting, mode, role and engine: the question, whatever firmware was installed. */
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
  excuse: Excuse.optional(),
  excuseFault: z.enum(EXCUSE_FAULTS).optional(),
});
export type Difference = z.infer<typeof Difference>;

/** comparison.json of a run: what is not as accepted. Questions that are the same are only counted. */
export const Comparison = z.strictObject({
  v: z.literal(1),
  against: z.strictObject({ kind: z.enum(['baseline', 'run']), name: z.string(), at: z.iso.datetime() }),
  run: z.string(),
  /** By kind, `same` included. */
  counts: z.record(z.enum(CHANGE_KINDS), z.int().min(0)),
  /** Sorted by key. */
  differences: z.array(Difference),
});
export type Comparison = z.infer<typeof Comparison>;
