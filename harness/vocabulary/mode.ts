import * as z from 'zod';
import { AUTH_MECHANISMS, Bilingual, Id, PORTS, PROTOCOLS } from './trial.ts';

export const TLS_VERSIONS = ['SSLv2', 'SSLv3', '1.0', '1.1', '1.2', '1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** Negative when a is older than b. */
export function compareVersions(a: TlsVersion, b: TlsVersion): number {
  return TLS_VERSIONS.indexOf(a) - TLS_VERSIONS.indexOf(b);
}

/** YAML reads an unquoted 1.2 as a number, and 1.0 as 1. */
const Version = z.preprocess(
  (v) => (typeof v === 'number' ? v.toFixed(1) : v),
  z.enum(TLS_VERSIONS, `a version is one of ${TLS_VERSIONS.join(', ')}`),
);

const CalendarDate = z.iso.date('a date is written YYYY-MM-DD');

/** Certificates the harness mints for a run. `untrusted` and `factory-root` differ in who knows their root. */
export const MINTED_PROFILES = [
  'rsa-2048',
  'ecdsa-p256',
  'untrusted-root',
  'factory-root',
  'expired',
  'not-yet-valid',
  'valid-from-1950',
  'wrong-name',
  'sha1-signed',
] as const;
export type MintedProfile = (typeof MINTED_PROFILES)[number];

const Certificate = z.union([
  z.strictObject({
    minted: z.enum(MINTED_PROFILES),
    /** Names beyond the mode's hosts and the listen addresses. */
    names: z.array(z.string().min(1)).default([]),
  }),
  /** The provider's own chain and key, PEM, relative to the mode's file. */
  z.strictObject({ files: z.strictObject({ chain: z.string(), key: z.string() }) }),
]);

/** How a server says no. What a style looks like on the wire: harness/servers/README.md. */
export const Refusal = z.strictObject({
  /** An old version: a fatal alert (Postfix), a silent close (Dovecot 2.3), or TLS accepted and then `421 4.7.66`. */
  version: z.enum(['alert', 'silent', '421-after-tls']).default('alert'),
  /** Plaintext SMTP: `530` to everything before STARTTLS, `504` to AUTH only (half-done port 25), `554` to RCPT. */
  plaintext: z.enum(['530', '504', '554']).default('530'),
  /**
   * A brown-out: so many seconds after a device's first connection, another mode answers instead. Played to each
   * device alone, by `cutover refusals`; seconds are the device's own.
   */
  until: z.strictObject({ seconds: z.number().positive().max(86_400), mode: Id }).optional(),
});

const Address = z.union([z.ipv4(), z.ipv6()], 'an address is an IPv4 or IPv6 address, without brackets and port');

/** Where a server that exists listens; `ports` where its listeners are forwarded, e.g. through an SSH tunnel. */
const ServerAddress = z.union([
  Address,
  z.strictObject({
    address: Address,
    /** Canonical port to the one that is dialled. */
    ports: z.partialRecord(z.enum(PORTS.map(String)), z.int().min(1).max(65_535)),
  }),
]);

/** Another name by which clients reach the servers. */
const Alias = z.strictObject({
  name: z.string().min(1),
  protocols: z
    .array(z.enum(PROTOCOLS))
    .min(1)
    .default([...PROTOCOLS]),
  /** MX records lead other providers' servers to it: it must not demand TLS on port 25 (RFC 3207 section 4). */
  mx: z.boolean().default(false),
});

/** The operator's own test account. Its password stands in an environment variable, never in a file. */
const TestAccount = z.strictObject({
  user: z.string().min(1),
  passwordEnv: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, not a password'),
  address: z.email('the mail address of the test account'),
});

export const Mode = z.strictObject({
  $schema: z.string().optional(),
  id: Id,
  /** `policy`: a state of the provider's servers. `control`: only proves that a device can send at all. */
  purpose: z.enum(['policy', 'control']).default('policy'),
  name: Bilingual,
  summary: Bilingual,
  provider: z.string().min(1),
  hosts: z.strictObject({ smtp: z.string().min(1), imap: z.string().min(1), pop3: z.string().min(1) }),
  dates: z
    .strictObject({
      /** First day on which the provider's servers behave so. */
      from: CalendarDate.optional(),
      /** Last day. */
      until: CalendarDate.optional(),
      /** The last day that was announced first, where the mode ends earlier: customers are told both. */
      announcedUntil: CalendarDate.optional(),
      /** Days on which the provider tries the mode out. */
      trials: z.array(CalendarDate).default([]),
    })
    .refine(({ until, announcedUntil }) => announcedUntil === undefined || (until ?? announcedUntil) < announcedUntil, {
      path: ['announcedUntil'],
      error: 'a day that was announced first is later than `until`, the day on which it really ends',
    })
    .default({ trials: [] }),
  tls: z.strictObject({ min: Version, max: Version }),
  /** IANA names, in the server's order of preference. */
  suites: z.array(z.string()).min(1),
  groups: z.array(z.string()).min(1),
  signatures: z.array(z.string()).min(1),
  plaintext: z.enum(['refused', 'allowed']),
  /** Whether STARTTLS is announced on 25, 587, 143 and 110. */
  starttls: z.enum(['offered', 'hidden']).default('offered'),
  auth: z.array(z.enum(AUTH_MECHANISMS)).min(1),
  certificate: Certificate.default({ minted: 'rsa-2048', names: [] }),
  refusal: Refusal.default({ version: 'alert', plaintext: '530' }),
  /**
   * Engine `containers`: folder with `postfix/*.cf` and `dovecot/*.conf` of the provider's own, laid over what this mode
   * renders. Relative to the mode's file. The servers must prove the rest of this file all the same.
   */
  configuration: z.string().min(1).optional(),
  /** Engine `hosts`, the servers that exist. Others leave the rest alone. */
  account: TestAccount.optional(),
  aliases: z.array(Alias).optional(),
  /** Host name to its addresses, instead of DNS: for staging, or a single backend. */
  addresses: z.record(z.string(), z.array(ServerAddress).min(1)).optional(),
  /** What the provider offers; default all seven. */
  ports: z.array(z.literal(PORTS)).min(1).optional(),
});
export type Mode = z.infer<typeof Mode>;
