import { applyChange } from '../modes/apply-change.ts';
import type { Mode } from '../vocabulary/mode.ts';

/** The same mode with a certificate of the other kind of key; null: its chain is the provider's own. */
export function twinOf(mode: Mode): Mode | null {
  if (!('minted' in mode.certificate)) return null;
  const to = mode.certificate.minted === 'ecdsa-p256' ? 'rsa-2048' : 'ecdsa-p256';
  return { ...applyChange(mode, 'certificate.minted', to).mode, id: `${mode.id}-twin` };
}
