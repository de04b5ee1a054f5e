import { X509Certificate } from 'node:crypto';

/**
 * OpenSSL's security level that a certificate allows, at most the given one. Above level 0 a server does not start with
 * a chain that is signed with SHA-1 or MD5 (`ca md too weak`) or with a key of less than 80 bits of strength
 * (SSL_CTX_set_security_level). Node cannot be asked: it loads the certificate before it hears of the level.
 */
export function levelFor(certificate: { readonly chainPem: string }, level: 0 | 1): 0 | 1 {
  const chain = certificate.chainPem.match(PEM) ?? [];
  return chain.map((pem) => new X509Certificate(pem)).some(isWeak) ? 0 : level;
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function isWeak(certificate: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < 1024) return true;
  // A root's signature on itself is not looked at.
  const isRoot = certificate.subject === certificate.issuer;
  return !isRoot && /sha1|md5/i.test(certificate.signatureAlgorithm ?? '');
}
