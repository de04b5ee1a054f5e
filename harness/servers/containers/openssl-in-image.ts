import type { TlsVersion } from '../../vocabulary/mode.ts';

/**
 * What OpenSSL 3.0 of Debian 12, which Postfix and Dovecot are linked to in the images, can speak as a server with a
 * certificate: IANA names, from `openssl ciphers -s -stdname ALL:COMPLEMENTOFALL:@SECLEVEL=0` and by trying `-groups`
 * and `-sigalgs`. `openssl-in-image.test.ts` asks the image itself. Suites without a certificate (anon, PSK, SRP) are
 * left out: neither server serves them.
 */
export const IN_IMAGE = {
  versions: ['1.0', '1.1', '1.2', '1.3'] satisfies TlsVersion[],
  suites: new Set([
    ...'TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_GCM_SHA256'.split(' '),
    ...withPrefixes(['ECDHE_ECDSA', 'ECDHE_RSA', 'DHE_RSA'], ['CHACHA20_POLY1305_SHA256']),
    ...withPrefixes(
      ['ECDHE_ECDSA', 'ECDHE_RSA', 'DHE_RSA', 'DHE_DSS', 'RSA'],
      ['AES_256_GCM_SHA384', 'AES_128_GCM_SHA256', 'ARIA_256_GCM_SHA384', 'ARIA_128_GCM_SHA256'],
    ),
    ...withPrefixes(
      ['ECDHE_ECDSA', 'DHE_RSA', 'RSA'],
      ['AES_256_CCM', 'AES_256_CCM_8', 'AES_128_CCM', 'AES_128_CCM_8'],
    ),
    ...withPrefixes(
      ['ECDHE_ECDSA', 'ECDHE_RSA'],
      ['AES_256_CBC_SHA384', 'CAMELLIA_256_CBC_SHA384', 'AES_128_CBC_SHA256', 'CAMELLIA_128_CBC_SHA256'],
    ),
    ...withPrefixes(
      ['DHE_RSA', 'DHE_DSS', 'RSA'],
      ['AES_256_CBC_SHA256', 'CAMELLIA_256_CBC_SHA256', 'AES_128_CBC_SHA256', 'CAMELLIA_128_CBC_SHA256'],
    ),
    ...withPrefixes(['ECDHE_ECDSA', 'ECDHE_RSA', 'DHE_RSA', 'DHE_DSS', 'RSA'], ['AES_256_CBC_SHA', 'AES_128_CBC_SHA']),
    ...withPrefixes(['DHE_RSA', 'DHE_DSS', 'RSA'], ['CAMELLIA_256_CBC_SHA', 'CAMELLIA_128_CBC_SHA']),
    ...withPrefixes(['ECDHE_ECDSA', 'ECDHE_RSA', 'RSA'], ['NULL_SHA']),
    ...withPrefixes(['RSA'], ['NULL_SHA256', 'NULL_MD5']),
  ]),
  groups: new Set(
    [
      'sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1',
      'sect409k1 sect409r1 sect571k1 sect571r1 secp160k1 secp160r1 secp160r2 secp192k1 secp192r1 secp224k1 secp224r1',
      'secp256k1 secp256r1 secp384r1 secp521r1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 x25519 x448',
      'ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192',
    ].flatMap((line) => line.split(' ')),
  ),
  signatures: new Set(
    [
      'rsa_pkcs1_sha1 dsa_sha1 ecdsa_sha1 rsa_pkcs1_sha224 dsa_sha224 ecdsa_sha224',
      'rsa_pkcs1_sha256 dsa_sha256 ecdsa_secp256r1_sha256 rsa_pkcs1_sha384 dsa_sha384 ecdsa_secp384r1_sha384',
      'rsa_pkcs1_sha512 dsa_sha512 ecdsa_secp521r1_sha512 rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512',
      'rsa_pss_pss_sha256 rsa_pss_pss_sha384 rsa_pss_pss_sha512 ed25519 ed448',
    ].flatMap((line) => line.split(' ')),
  ),
} as const;

function withPrefixes(exchanges: readonly string[], rest: readonly string[]): string[] {
  return exchanges.flatMap((exchange) => rest.map((cipher) => `TLS_${exchange}_WITH_${cipher}`));
}
