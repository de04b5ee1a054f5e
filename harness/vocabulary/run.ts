import * as z from 'zod';
import { Mode, TLS_VERSIONS } from './mode.ts';
import { PORTS } from './trial.ts';
import { ENGINES } from './verdict.ts';

/** What a server showed of itself on one port before it was allowed to judge. */
export const PortProof = z.strictObject({
  port: z.literal(PORTS),
  accepted: z.array(z.enum(TLS_VERSIONS)),
  refused: z.array(z.enum(TLS_VERSIONS)),
  /** Listed suites that were negotiated / that the engine cannot speak. */
  suites: z.array(z.string()),
  plaintext: z.enum(['refused', 'allowed']),
  delivers: z.boolean(),
});
export const Proof = z.strictObject({
  mode: z.string(),
  ports: z.array(PortProof),
  /** Listed by the mode, not spoken by this engine. */
  unspoken: z.strictObject({
    versions: z.array(z.enum(TLS_VERSIONS)),
    suites: z.array(z.string()),
    groups: z.array(z.string()),
    signatures: z.array(z.string()),
  }),
  /** Each a sentence: what the YAML says, what the server did. Empty: the mode may judge. */
  contradictions: z.array(z.string()),
  /** Traits of the server's software that the proof saw, each a sentence: facts, no contradictions. */
  peculiarities: z.array(z.string()).optional(),
});
export type Proof = z.infer<typeof Proof>;
export type PortProof = z.infer<typeof PortProof>;

/** run.json: what a run was, so that its records can be read years later. */
export const Run = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  cutover: z.string(),
  node: z.string(),
  openssl: z.string(),
  engine: z.enum(ENGINES),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  state: z.enum(['running', 'finished', 'interrupted']),
  /** Effective policies: file, defaults filled in. */
  modes: z.array(Mode),
  proofs: z.array(Proof),
  listen: z.string(),
  /** `cutover refusals`: how long each device was watched, in its own seconds, and how much faster emulated clocks ran. */
  watch: z.strictObject({ seconds: z.number().positive(), emulatedSpeed: z.number().positive() }).optional(),
});
export type Run = z.infer<typeof Run>;
