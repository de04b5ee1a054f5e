import * as z from 'zod';
import { DEVICE_STATES } from '../../vocabulary/attend.ts';
import { Attachment } from '../../vocabulary/record.ts';
import { DIRECTIONS, PORTS, SECURITIES } from '../../vocabulary/trial.ts';

/** What a person has entered by now, of one direction. */
export const Entered = z.strictObject({
  host: z.string(),
  port: z.int(),
  security: z.enum(SECURITIES),
});
export type Entered = z.infer<typeof Entered>;

export const SavedDevice = z.strictObject({
  id: z.string(),
  note: z.string(),
  state: z.enum(DEVICE_STATES),
  by: z.string(),
  said: z.enum(['sent', 'failed', 'nothing']),
  code: z.string(),
  notFound: z.array(z.string()),
  photos: z.array(z.string()),
  /** Photos of the press that is asked for: on disk, in no record yet. */
  attachments: z.array(Attachment),
  /** What the door knows the device by. */
  traits: z.strictObject({
    addresses: z.array(z.string()),
    fingerprints: z.array(z.string()),
    ehloNames: z.array(z.string()),
  }),
  entered: z.partialRecord(z.enum(DIRECTIONS), Entered),
});
export type SavedDevice = z.infer<typeof SavedDevice>;

/** attend.json: what records do not tell. With it and them a run goes on after its process was killed. */
export const SavedDesk = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  startedAt: z.iso.datetime(),
  listen: z.string(),
  /** Canonical port → port that was bound: what was entered into devices stays right. */
  ports: z.partialRecord(z.literal(PORTS.map(String)), z.int()),
  /** The same of each device that has ports of its own; absent: all dial the same. */
  ownPorts: z.record(z.string(), z.partialRecord(z.literal(PORTS.map(String)), z.int())).optional(),
  page: z.strictObject({
    port: z.int(),
    /** SHA-256 of session tokens: tablets go on without a new key. */
    sessions: z.array(z.string()),
  }),
  /** Port of the name server here, or what else leads host names here; absent: devices are told the address. */
  names: z.union([z.int(), z.literal('elsewhere')]).optional(),
  version: z.int(),
  people: z.array(z.string()),
  finished: z.boolean(),
  devices: z.array(SavedDevice),
});
export type SavedDesk = z.infer<typeof SavedDesk>;
