import * as z from 'zod';
import { CAUSES } from './finding.ts';
import { DIRECTIONS, Id, Setting } from './trial.ts';

export const VERDICTS = [
  'works',
  'works-after-change',
  'works-after-update',
  'legacy-only',
  'stops-working',
  'fails-already',
  'unknown',
] as const;
export type VerdictWord = (typeof VERDICTS)[number];

const BASES = ['measured', 'predicted', 'claimed'] as const;
/** Each is nearer to a provider's servers than the one before. */
export const ENGINES = ['embedded', 'containers', 'hosts'] as const;
export type EngineName = (typeof ENGINES)[number];

/** In the order in which they are recommended. */
export const REMEDIES = ['setting', 'firmware', 'legacy-host', 'relay', 'other-function', 'replace'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** The answer for one device and one direction. Holds no phrase that depends on the day it is read. */
export const Verdict = z.strictObject({
  v: z.literal(1),
  device: z.string(),
  direction: z.enum(DIRECTIONS),
  verdict: z.enum(VERDICTS),
  basis: z.enum(BASES),
  /** Of the failing trials that led to it, strict first. */
  causes: z.array(z.enum(CAUSES)),
  confidence: z.enum(['confirmed', 'suspected']),
  /** works: as configured; works-after-change: the setting to enter. */
  setting: Setting.optional(),
  /** legacy-only: last day of the legacy mode, if the mode names one. */
  until: z.iso.date().optional(),
  encrypted: z.boolean().optional(),
  /** works-after-update: the firmware that works. */
  update: z.string().optional(),
  remedies: z.array(z.enum(REMEDIES)),
  /** The remedy `relay` was measured: what the relay was told, with which strict took this device's mail. */
  relay: Setting.optional(),
  /** Whose servers answered. Claims and predictions have none. */
  engine: z.enum(ENGINES).optional(),
  /** The version that was tried; of a claim the versions that it speaks of, as a range, or none. */
  firmware: z.string(),
  /** Of a claim: the system that a mail program runs on. */
  os: Id.optional(),
  emulated: z.boolean(),
  measuredAt: z.iso.datetime(),
  expiresAt: z.iso.date(),
  /**
   * Measured results of the device in this direction beside what is predicted of them from its hellos in the same
   * records: so many are the same, of so many; of the rest nothing is predicted. Changes no verdict. Absent where no
   * hello was seen, or nobody knows how the servers choose.
   */
  predictions: z.strictObject({ agree: z.int(), of: z.int(), notPredicted: z.int() }).optional(),
  /** Ids of the trials it stands on. */
  trials: z.array(z.string()),
});
export type Verdict = z.infer<typeof Verdict>;
