import type { Cause, Outcome } from './vocabulary/finding.ts';

interface CauseRule {
  /** The outcomes that a finding with this cause may have. */
  readonly outcomes: readonly Outcome[];
  /** `trouble` says something about the lab, never about the device. */
  readonly family: 'failure' | 'not-run' | 'trouble';
  /**
   * How the trace decides it: `bytes` when what was offered or said leaves no other reading, `trace` when other
   * causes can look the same and only a counter-test tells them apart.
   */
  readonly decidedBy: 'bytes' | 'trace';
}

const failure = (decidedBy: CauseRule['decidedBy'], ...more: readonly Outcome[]): CauseRule => ({
  outcomes: ['fails', ...more],
  family: 'failure',
  decidedBy,
});
const notRun: CauseRule = { outcomes: ['not-run'], family: 'not-run', decidedBy: 'bytes' };
const trouble: CauseRule = { outcomes: ['inconclusive'], family: 'trouble', decidedBy: 'trace' };

export const CAUSE_RULES: { readonly [C in Cause]: CauseRule } = {
  'version-too-old': failure('bytes'),
  'no-shared-cipher': failure('bytes'),
  'no-shared-group': failure('bytes'),
  'no-shared-signature': failure('bytes'),
  // A lab certificate from a root that the device was never given proves nothing about the provider's.
  'certificate-untrusted': failure('trace', 'inconclusive'),
  'certificate-dates': failure('trace', 'inconclusive'),
  'certificate-name': failure('trace', 'inconclusive'),
  'certificate-key': failure('bytes'),
  'plaintext-only': failure('bytes'),
  'plaintext-fallback': failure('bytes'),
  'wrong-tls-mode': failure('bytes'),
  'auth-missing': failure('bytes'),
  'auth-mechanism': failure('bytes'),
  'auth-rejected': failure('bytes'),
  'mail-refused': failure('bytes'),
  'mail-lost': failure('bytes'),
  banned: failure('bytes'),
  intercepted: failure('bytes'),
  'connection-dropped': failure('trace', 'inconclusive'),
  'not-testable': notRun,
  'not-in-this-lab': notRun,
  'not-applicable': notRun,
  'never-connected': trouble,
  'device-trouble': trouble,
  'server-trouble': trouble,
  'harness-trouble': trouble,
};

export function isTrouble(cause: Cause | undefined): boolean {
  return cause !== undefined && CAUSE_RULES[cause].family === 'trouble';
}
