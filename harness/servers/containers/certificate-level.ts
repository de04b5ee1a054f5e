import { createSecureContext } from 'node:tls';

/**
 * OpenSSL's security level that a certificate allows, at most the given one: a chain signed with SHA-1 or a short key
 * is refused above level 0. Found by trying it in the OpenSSL of this process, whose rules are the same (3.x).
 */
export function levelFor(certificate: { readonly chainPem: string; readonly keyPem: string }, level: 0 | 1): 0 | 1 {
  if (level === 0) return 0;
  try {
    createSecureContext({ cert: certificate.chainPem, key: certificate.keyPem, ciphers: 'DEFAULT@SECLEVEL=1' });
    return 1;
  } catch {
    return 0;
  }
}
