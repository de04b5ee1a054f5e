import * as z from 'zod';
import type { EngineName } from './verdict.ts';

/** Kebab-case identifier, used in paths and trial ids. */
export const Id = z
  .string()
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 'an id is lower-case letters and digits, joined by "-" or "."');

/** A sentence in both languages that customers read. */
export const Bilingual = z.strictObject({ de: z.string().min(1), en: z.string().min(1) });
export type Bilingual = z.infer<typeof Bilingual>;

export const PROTOCOLS = ['smtp', 'imap', 'pop3'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What a device may be told: SSL/TLS at once, STARTTLS, nothing, or "TLS if available". */
export const SECURITIES = ['starttls', 'implicit', 'plaintext', 'opportunistic'] as const;
export type Security = (typeof SECURITIES)[number];

export const DIRECTIONS = ['send', 'fetch'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** SASL mechanisms a mode can list; NONE means that mail is taken without authentication. */
export const AUTH_MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'NONE'] as const;
export type AuthMechanism = (typeof AUTH_MECHANISMS)[number];

/** Ports of the seven listeners of a mode (RFC 8314, RFC 6409, RFC 3501, RFC 1939). */
export const PORTS = [25, 110, 143, 465, 587, 993, 995] as const;
export type Port = (typeof PORTS)[number];

/** A listener of a server. `port` is canonical in every record, whatever free port was bound. */
export const Endpoint = z.strictObject({
  protocol: z.enum(PROTOCOLS),
  port: z.literal(PORTS),
  tls: z.enum(['starttls', 'implicit']),
});
export type Endpoint = z.infer<typeof Endpoint>;

export const ENDPOINTS: readonly Endpoint[] = [
  { protocol: 'smtp', port: 587, tls: 'starttls' },
  { protocol: 'smtp', port: 25, tls: 'starttls' },
  { protocol: 'smtp', port: 465, tls: 'implicit' },
  { protocol: 'imap', port: 143, tls: 'starttls' },
  { protocol: 'imap', port: 993, tls: 'implicit' },
  { protocol: 'pop3', port: 110, tls: 'starttls' },
  { protocol: 'pop3', port: 995, tls: 'implicit' },
];

/** What a device is told to do. The port need not fit the security: that is a fault devices have. */
export const Setting = z.strictObject({
  id: Id,
  protocol: z.enum(PROTOCOLS),
  port: z.literal(PORTS),
  security: z.enum(SECURITIES),
  /** Host name as typed into the device; default: the host of the mode for the protocol. */
  host: z.string().min(1).optional(),
  auth: z.enum(AUTH_MECHANISMS).optional(),
  /** A relay of the owner's stands between: it does what is said here, and the device talks to it as best it can. */
  via: z.literal('relay').optional(),
  /** Where the owner finds it, in the words of the device's menu. */
  menu: Bilingual.optional(),
});
export type Setting = z.infer<typeof Setting>;

export const ROLES = ['question', 'control-forgiving', 'control-refused', 'counter-test'] as const;
export type Role = (typeof ROLES)[number];

/** The one key of a mode's YAML that a counter-test changes. */
export const Change = z.strictObject({ path: z.string(), from: z.unknown(), to: z.unknown() });
export type Change = z.infer<typeof Change>;

/** One question asked of a device. Scenario files in `scenarios/` export one of these. */
export interface Scenario {
  readonly id: string;
  readonly question: Bilingual;
  readonly direction: Direction;
  /** `configured`: the first setting of the direction; `others`: the remaining ones, when it fails strict. */
  readonly settings: 'configured' | 'others';
  /** Body size of the mail in bytes (the marker is extra). */
  readonly sizeBytes: number;
  /** How many mails one order makes the device send. */
  readonly mails: number;
  /** Only run when named on the command line. */
  readonly onRequest: boolean;
}

/** The unit that is run and recorded. */
export interface Trial {
  readonly id: string;
  readonly role: Role;
  /** Trial id of the question that a counter-test belongs to. */
  readonly of?: string;
  readonly change?: Change;
  readonly device: string;
  readonly firmware: string;
  readonly scenario: string;
  readonly direction: Direction;
  readonly setting: Setting;
  readonly mode: string;
  /** Whose servers answer. Not part of the id: the same trial is asked of several engines. */
  readonly engine: EngineName;
  /** From 1: asked again unchanged, because nothing known explains its answer. The answers before count as well. */
  readonly repeat?: number;
}

/**
 * The stable id: device@firmware/scenario/setting/mode/role. A counter-test's role carries the key that it changes,
 * with the new value where that is one word: `counter-test-tls.min=1.0`, `counter-test-suites`; the one that repeats a
 * question on the embedded engine is `counter-test-unchanged`.
 */
export function trialId(t: Omit<Trial, 'id' | 'engine' | 'repeat'>): string {
  const unchanged = t.role === 'counter-test' ? '-unchanged' : '';
  const changed = t.change === undefined ? unchanged : `-${t.change.path}${valueOf(t.change)}`;
  return [`${t.device}@${t.firmware}`, t.scenario, t.setting.id, t.mode, `${t.role}${changed}`].join('/');
}

function valueOf(change: Change): string {
  return typeof change.to === 'string' ? `=${change.to}` : '';
}
