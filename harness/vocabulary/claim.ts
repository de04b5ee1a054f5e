import * as z from 'zod';
import { CAUSES } from './finding.ts';
import { Bilingual, DIRECTIONS, Id, Setting } from './trial.ts';
import { VERDICTS } from './verdict.ts';
import { parseVersionRange } from './version-range.ts';

export const Source = z.strictObject({
  title: z.string().min(1),
  /** Where a person can open it. */
  url: z.url({ protocol: /^https?$/ }),
  /** The day on which the source was read and found to say so; from then on the claim ages. */
  date: z.iso.date(),
  /** What the source itself dates from, as exactly as it tells: `2019`, `2019-03` or `2019-03-14`. */
  written: z
    .string()
    .regex(/^\d{4}(-\d{2}){0,2}$/, 'a year, a month or a day: 2019, 2019-03, 2019-03-14')
    .optional(),
  confidence: z.enum(['vendor-documented', 'third-party-documented', 'forum']),
});
export type Source = z.infer<typeof Source>;

/** When a statement holds; without a condition it holds for every version on every system. */
export const Condition = z.strictObject({
  /** Versions of the firmware, program or system, compared number by number: `>=6.20 <7`. */
  firmware: z
    .string()
    .superRefine((text, context) => {
      const range = parseVersionRange(text);
      if ('kind' in range) context.addIssue({ code: 'custom', message: range.why });
    })
    .optional(),
  /** The operating system below a mail program: id of a device file of the kind `os`. */
  os: Id.optional(),
});
export type Condition = z.infer<typeof Condition>;

/** What follows from a claim for the day of the cutover, under its condition. */
const Implication = z.strictObject({
  /** Default: both. */
  directions: z.array(z.enum(DIRECTIONS)).min(1).optional(),
  verdict: z.enum(VERDICTS),
  cause: z.enum(CAUSES).optional(),
  /** With `works-after-change`: what to enter. */
  setting: Setting.optional(),
  /** With `works-after-update`: the version that works, or what to update. */
  update: z.string().min(1).optional(),
  /** With `legacy-only`: whether the mail still travels under TLS there. */
  encrypted: z.boolean().optional(),
});

/** What somebody else says about a device. Never a measurement, and never mixed with one. */
export const Claim = z.strictObject({
  /** What the source supports, in our own words. */
  says: Bilingual,
  source: Source,
  when: Condition.optional(),
  implies: Implication.optional(),
});
export type Claim = z.infer<typeof Claim>;

/** Where an owner finds the settings, in the words of the device's menu. */
export const Menu = z.strictObject({
  direction: z.enum(DIRECTIONS).optional(),
  when: Condition.optional(),
  path: Bilingual,
  source: Source,
});

/** A text or code that the device shows, and what it means for mail. */
export const ShownError = z.strictObject({
  text: z.string().min(1),
  means: Bilingual,
  /** Likeliest first. None: it says nothing about mail encryption. */
  causes: z.array(z.enum(CAUSES)).default([]),
  source: Source,
});

/** How a device shows itself in a log or a mail: exact texts, as they stand there. */
export const Recognition = z.strictObject({
  /** EHLO or HELO name. */
  ehlo: z.array(z.string().min(1)).default([]),
  /** X-Mailer header. */
  mailer: z.array(z.string().min(1)).default([]),
  /** Anything else, one sentence each. */
  otherwise: z.array(Bilingual).default([]),
});
