import * as z from 'zod';
import { TLS_VERSIONS } from './mode.ts';

const Version = z.enum(TLS_VERSIONS);
const Side = z.enum(['client', 'server']);
export type Side = z.infer<typeof Side>;

/** What a ClientHello offers. Names are IANA names; codes without one are written 0xABCD. GREASE is left out. */
export const ClientHello = z.strictObject({
  format: z.enum(['tls', 'sslv2']),
  /** Version field of the first record; null for the SSLv2 format. */
  recordVersion: Version.nullable(),
  /** legacy_version of the hello itself. */
  helloVersion: Version,
  /** Highest version offered, supported_versions included. */
  maxVersion: Version,
  /** Every version in supported_versions; without the extension just [maxVersion]: a hello tells no minimum. */
  versions: z.array(Version),
  suites: z.array(z.string()),
  /** null: the extension is absent. */
  groups: z.array(z.string()).nullable(),
  /** signature_algorithms; null: absent (TLS 1.2 then implies SHA-1, RFC 5246 section 7.4.1.4.1). */
  signatures: z.array(z.string()).nullable(),
  sni: z.string().nullable(),
  alpn: z.array(z.string()),
  extensions: z.array(z.string()),
  fallbackScsv: z.boolean(),
  ja3: z.string().nullable(),
  ja3Hash: z.string().nullable(),
  ja4: z.string().nullable(),
  /** Length of the hello message in bytes, and of the record fragments that carried it. */
  lengthBytes: z.int(),
});
export type ClientHello = z.infer<typeof ClientHello>;

export const ServerHello = z.strictObject({
  version: Version,
  suite: z.string(),
  /** From key_share (TLS 1.3) or ServerKeyExchange; null where neither names one. */
  group: z.string().nullable(),
  /** Signature scheme of ServerKeyExchange (TLS 1.2); null otherwise. */
  signature: z.string().nullable(),
  /** DH modulus in bits, for finite-field ServerKeyExchange. */
  dhBits: z.int().nullable(),
  retried: z.boolean(),
});
export type ServerHello = z.infer<typeof ServerHello>;

/** The leaf as sent in the clear (up to TLS 1.2). */
export const CertificateFacts = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  notBefore: z.string(),
  notAfter: z.string(),
  key: z.string(),
  signature: z.string(),
  sha256: z.string(),
  chainLength: z.int(),
});
export type CertificateFacts = z.infer<typeof CertificateFacts>;

export const Alert = z.strictObject({
  from: Side,
  /** null: the alert is encrypted, only its presence is seen. */
  level: z.enum(['warning', 'fatal']).nullable(),
  number: z.int().nullable(),
  name: z.string().nullable(),
  atMs: z.number(),
});
export type Alert = z.infer<typeof Alert>;

export const DialogueLine = z.strictObject({ from: Side, text: z.string(), atMs: z.number() });
export type DialogueLine = z.infer<typeof DialogueLine>;

/** One TCP connection that the tap carried, as facts. Times are ms since the connection was accepted. */
export const Connection = z.strictObject({
  /** Order of arrival at this trial's tap, from 1. */
  number: z.int(),
  startedAt: z.string(),
  /** Source port of the tap's connection to the server: the key that joins server sessions. 0: never connected on. */
  tapPort: z.int(),
  /** Arrived after the trial had ended. */
  late: z.boolean(),
  /** Redacted cleartext lines before TLS (all of them when TLS never starts). */
  dialogue: z.array(DialogueLine),
  starttls: z.enum(['not-asked', 'refused', 'accepted']),
  /** First bytes of the client were a hello although the endpoint starts in the clear. */
  helloBeforeStarttls: z.boolean(),
  hello: ClientHello.nullable(),
  serverHello: ServerHello.nullable(),
  certificate: CertificateFacts.nullable(),
  alerts: z.array(Alert),
  handshake: z.enum(['none', 'started', 'finished']),
  /** Encrypted application data records of each side after the handshake, in bytes (TLS 1.3: estimated, see wire/README). */
  applicationBytes: z.strictObject({ client: z.int(), server: z.int() }),
  bytes: z.strictObject({ client: z.int(), server: z.int() }),
  ended: z.strictObject({
    by: z.enum(['client', 'server', 'tap', 'nobody']),
    how: z.enum(['fin', 'reset', 'open']),
    atMs: z.number(),
  }),
  /** What the parser could not read, e.g. "garbage after ClientHello". */
  oddities: z.array(z.string()),
});
export type Connection = z.infer<typeof Connection>;

const Wire = z.strictObject({ connections: z.array(Connection) });

/** One mail that the server accepted. */
const Delivered = z.strictObject({
  bytes: z.int(),
  sha256: z.string(),
  markerSeen: z.boolean(),
});

/** What a server tells of one connection. */
export const ServerSession = z.strictObject({
  /** Joins with Connection.tapPort. */
  peerPort: z.int(),
  tls: z.strictObject({ version: Version, suite: z.string() }).nullable(),
  /** OpenSSL's `SSL alert number N` as the server logged it: seen where TLS 1.3 hides the alert on the wire. */
  alertNumber: z.int().nullable(),
  auth: z
    .strictObject({
      mechanism: z.string(),
      accepted: z.boolean(),
      /** Facts, never the values: e.g. "password shorter than the account's: first 20 of 32 characters". */
      note: z.string().nullable(),
    })
    .nullable(),
  /** The code and enhanced code of the last refusal, e.g. "530 5.7.0"; IMAP/POP3: "NO [PRIVACYREQUIRED]". */
  refusal: z.string().nullable(),
  delivered: z.array(Delivered),
  /** The trial's waiting mail was retrieved in full (RETR, FETCH of the body). */
  fetched: z.boolean(),
  /** Redacted log lines. */
  log: z.array(z.string()),
});
export type ServerSession = z.infer<typeof ServerSession>;

export const ServerEvidence = z.strictObject({
  sessions: z.array(ServerSession),
  /** Mails with this trial's marker in the mailbox, however they came. */
  arrived: z.int(),
  /** What the mode lists and this engine cannot speak: then a failure proves nothing about the mode. */
  unspoken: z.strictObject({
    versions: z.array(Version),
    suites: z.array(z.string()),
    groups: z.array(z.string()),
    signatures: z.array(z.string()),
  }),
  /** The server died or refused the tap during the trial. */
  trouble: z.string().nullable(),
  /** Servers that exist show no log: `sessions` is empty, and this is what the mailbox tells of a waiting mail. */
  mailboxOnly: z.strictObject({ fetched: z.boolean() }).optional(),
});
export type ServerEvidence = z.infer<typeof ServerEvidence>;

/** What the device said; never a witness. */
export const DeviceEvidence = z.strictObject({
  said: z.enum(['sent', 'failed', 'nothing']),
  /** The panel's or console's words, bounded and redacted. */
  text: z.string(),
  exitCode: z.int().nullable(),
  /** The device could not be driven: console ended, hung, flooded, unreachable. */
  trouble: z.string().nullable(),
});
export type DeviceEvidence = z.infer<typeof DeviceEvidence>;

export const Evidence = z.strictObject({ wire: Wire, server: ServerEvidence, device: DeviceEvidence });
export type Evidence = z.infer<typeof Evidence>;
