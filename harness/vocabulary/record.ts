import * as z from 'zod';
import { Evidence } from './evidence.ts';
import { Finding } from './finding.ts';
import { Change, Endpoint, ROLES, Setting, DIRECTIONS } from './trial.ts';
import { ENGINES } from './verdict.ts';

/** Version of the record format. Readers migrate older ones. */
export const RECORD_VERSION = 1;

export const Attachment = z.strictObject({
  name: z.string(),
  /** Relative to the run folder, with forward slashes. */
  path: z.string(),
  type: z.string(),
  sha256: z.string(),
});
export type Attachment = z.infer<typeof Attachment>;

/** One trial, one line of records.jsonl: everything that judging and reporting need. */
export const Record = z.strictObject({
  v: z.literal(RECORD_VERSION),
  run: z.string(),
  /** Trial id, stable across runs. */
  trial: z.string(),
  role: z.enum(ROLES),
  of: z.string().optional(),
  change: Change.optional(),
  attempt: z.int().min(1),
  /** From 1: asked again unchanged, to see whether the answer is a steady one. Absent: what was asked first. */
  repeat: z.int().min(1).optional(),
  device: z.strictObject({
    id: z.string(),
    vendor: z.string(),
    model: z.string(),
    firmware: z.string(),
    /** false: another firmware than the installed one. */
    installed: z.boolean(),
    kind: z.string(),
    emulated: z.boolean(),
    trust: z.string(),
  }),
  scenario: z.string(),
  direction: z.enum(DIRECTIONS),
  setting: Setting,
  /** false: one of the device's other settings. */
  asConfigured: z.boolean(),
  endpoint: Endpoint,
  mode: z.string(),
  engine: z.enum(ENGINES),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  ...Finding.shape,
  evidence: Evidence,
  attachments: z.array(Attachment),
});
export type Record = z.infer<typeof Record>;
