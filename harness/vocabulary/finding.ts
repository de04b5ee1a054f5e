import * as z from 'zod';

export const OUTCOMES = ['works', 'fails', 'inconclusive', 'not-run'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const CAUSES = [
  'version-too-old',
  'no-shared-cipher',
  'no-shared-group',
  'no-shared-signature',
  'certificate-untrusted',
  'certificate-dates',
  'certificate-name',
  'certificate-key',
  'plaintext-only',
  'plaintext-fallback',
  'wrong-tls-mode',
  'auth-missing',
  'auth-mechanism',
  'auth-rejected',
  'mail-refused',
  'mail-lost',
  'banned',
  'intercepted',
  'connection-dropped',
  'not-testable',
  'not-in-this-lab',
  'not-applicable',
  'never-connected',
  'device-trouble',
  'server-trouble',
  'harness-trouble',
] as const;
export type Cause = (typeof CAUSES)[number];

/** The judgement of one trial. */
export const Finding = z.strictObject({
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES).optional(),
  /** Causes that leave the same trace; a counter-test decides between them. In the fixed order of counter-tests. */
  candidates: z.array(z.enum(CAUSES)).optional(),
  /** The device said "sent" and nothing arrived. */
  silent: z.boolean().optional(),
  /** The mail arrived (or was fetched) under TLS; false: in the clear. Absent: it did not arrive. */
  encrypted: z.boolean().optional(),
  /** Facts that decided, each a short English sentence for QA with the numbers seen; never shown to customers. */
  because: z.array(z.string()),
});
export type Finding = z.infer<typeof Finding>;
