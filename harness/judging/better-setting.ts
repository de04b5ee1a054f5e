import type { Cause } from '../vocabulary/finding.ts';
import { ENDPOINTS, type Setting } from '../vocabulary/trial.ts';

/** Told so, a device sends no word in the clear. A relay is another device in the house, not a setting: the remedy `relay`. */
export function enforcesTls({ via, security }: Setting): boolean {
  return via === undefined && security !== 'opportunistic' && security !== 'plaintext';
}

/** The smaller, the sooner it is recommended: the fewest fields to edit, then SSL/TLS before STARTTLS (RFC 8314 section 3). */
export function costOfChange(setting: Setting, configured: Setting): number {
  const edited = (['protocol', 'port', 'security', 'host', 'auth'] as const).filter(
    (key) => setting[key] !== configured[key],
  );
  return 10 * edited.length + (setting.security === 'implicit' ? 0 : 1);
}

/** SSL/TLS where TLS starts at once, STARTTLS where it does not: any other setting cannot work. */
export function fitsPort({ port, security }: Setting): boolean {
  return ENDPOINTS.some((e) => e.port === port && e.tls === security);
}

/** Whether another setting may well undo the cause. */
export function couldUndo(cause: Cause, configured: Setting, other: Setting): boolean {
  switch (cause) {
    case 'plaintext-only':
    case 'wrong-tls-mode':
      return true;
    case 'certificate-name':
      return other.host !== configured.host;
    case 'auth-missing':
    case 'auth-mechanism':
      return other.auth !== configured.auth;
    // What strips STARTTLS, or scans a port, may leave another alone.
    case 'intercepted':
      return other.port !== configured.port;
    default:
      return false;
  }
}

/** A hello that was refused is the same with every setting. */
export function isOfHello(cause: Cause | undefined): boolean {
  return cause !== undefined && HELLO_CAUSES.includes(cause);
}

const HELLO_CAUSES: readonly Cause[] = [
  'version-too-old',
  'no-shared-cipher',
  'no-shared-group',
  'no-shared-signature',
  'certificate-key',
];
