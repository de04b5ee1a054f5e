import type { Setting } from '../vocabulary/trial.ts';

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
