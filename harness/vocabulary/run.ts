import * as z from 'zod';
import { Mode, TLS_VERSIONS } from './mode.ts';
import { Id, PORTS } from './trial.ts';
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
  /** Versions of the server's programs, where they are not this process's: `{postfix: '3.7.11-0+deb12u1'}`. */
  software: z.record(z.string(), z.string()).optional(),
});
export type Proof = z.infer<typeof Proof>;
export type PortProof = z.infer<typeof PortProof>;

/** `--shard 2/4`: the second of four parts of a run, which other machines do the rest of. */
export const Shard = z
  .strictObject({ index: z.int().min(1), of: z.int().min(1).max(999) })
  .refine(({ index, of }) => index <= of, 'the first number is at most the second');
export type Shard = z.infer<typeof Shard>;

/** What `cutover run` was told, as far as another answer would follow from something else. Absent: not given. */
const RunSelection = z.strictObject({
  device: z.array(z.string()).optional(),
  kind: z.array(z.string()).optional(),
  site: Id.optional(),
  mode: z.array(z.string()).optional(),
  scenario: z.array(z.string()).optional(),
  /** Folder of device files. */
  devices: z.string().optional(),
});

/** What a run set out to do: it can be gone on with after a crash, and be told from a part of one. */
export const RunPlan = z.strictObject({
  selection: RunSelection,
  shard: Shard.optional(),
  /** Of all shards, those of this one among them. `devices.json` has this one's as they were. */
  devices: z.array(Id),
  /** Named devices that could not be started here, and why: their trials are not run. */
  missing: z.record(Id, z.string()),
  /** Others that could not be started here: nothing was asked of them. */
  leftOut: z.array(Id).optional(),
  scenarios: z.array(Id),
  parallel: z.int().min(1),
  /** Engine `hosts`: between two connections of the proof. */
  pauseMs: z.number().min(0),
  keepBodies: z.boolean(),
});
export type RunPlan = z.infer<typeof RunPlan>;

/** One of the runs that `cutover merge` has joined. */
const MergedRun = z.strictObject({
  run: z.string(),
  shard: Shard.optional(),
  site: Id.optional(),
  listen: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});

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
  /** Runs of `cutover run`. */
  plan: RunPlan.optional(),
  /** When it was gone on with after it had been cut off. */
  resumedAt: z.array(z.iso.datetime()).optional(),
  /** The runs that it was joined from. */
  merged: z.array(MergedRun).optional(),
  /** `cutover refusals`: how long each device was watched, in its own seconds, and how much faster emulated clocks ran. */
  watch: z.strictObject({ seconds: z.number().positive(), emulatedSpeed: z.number().positive() }).optional(),
});
export type Run = z.infer<typeof Run>;
