import * as z from 'zod';
import { CAUSES, OUTCOMES } from '../vocabulary/finding.ts';
import { PORTS, PROTOCOLS, SECURITIES } from '../vocabulary/trial.ts';
import { ENGINES } from '../vocabulary/verdict.ts';
import type { RecordedHello } from './recorded-hello.ts';

/**
 * What came of a connection (or an attempt of several) that began with the hello: measured, and never replaced by a
 * prediction. `certificate` and `auth` are what decided after the hello.
 */
const Met = z.strictObject({
  scenario: z.string(),
  mode: z.string(),
  engine: z.enum(ENGINES),
  /** Which of the attempt's connections said it, from 1: retries often offer less. */
  connections: z.array(z.int().min(1)).min(1),
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES).optional(),
  /** The mail went through in the clear. */
  clear: z.literal(true).optional(),
  /** The profile that the server's certificate was minted with; `files`: the provider's own chain. */
  certificate: z.string(),
  /** SASL mechanism that the client used. */
  auth: z.string().optional(),
});
export type Met = z.infer<typeof Met>;

const Range = z.strictObject({ atLeast: z.int().optional(), atMost: z.int().optional() });

/** What a client is known to accept, beyond what its hello says; in bits. */
const Limits = z.strictObject({ rsaBits: Range.optional(), ecdsaBits: Range.optional(), dhBits: Range.optional() });
export type Limits = z.infer<typeof Limits>;

/** What lists and people call clients and files: one line, so that no name can look like output of ours. */
export const Name = z
  .string()
  .regex(/^\P{Cc}{1,400}$/u, 'a name is one line of 1 to 400 letters, without control characters');

/** Where a recording comes from: one client, as it was set up. */
export const Origin = z.strictObject({
  /** Id of a device, or a name of the client. */
  device: Name,
  model: Name,
  firmware: Name,
  emulated: z.boolean(),
  setting: z.strictObject({
    id: z.string(),
    protocol: z.enum(PROTOCOLS),
    port: z.literal(PORTS),
    security: z.enum(SECURITIES),
    /** As typed into the device, where that is not the host of the mode. */
    host: z.string().optional(),
  }),
  /** `run`: a run of the harness, by its id; others: a file's name. */
  source: z.strictObject({ kind: z.enum(['run', 'capture', 'testssl', 'list']), name: Name }),
  on: z.iso.date(),
  limits: Limits.optional(),
  met: z.array(Met).default([]),
});
export type Origin = z.infer<typeof Origin>;

/** One hello, and everyone who says it. */
export interface CorpusEntry {
  readonly id: string;
  readonly hello: RecordedHello;
  readonly seen: readonly Origin[];
}

/** An origin that is seen again replaces what the corpus has of it, but for what it met elsewhere. */
export function originKey({ device, firmware, setting }: Origin): string {
  return `${device}@${firmware}/${setting.id}`;
}
