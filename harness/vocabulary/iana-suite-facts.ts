import type { TlsVersion } from './mode.ts';

/** What a cipher suite's name says. */
export interface SuiteFacts {
  /** `any`: TLS 1.3, where groups and signatures are negotiated apart from the suite. */
  readonly keyExchange: 'RSA' | 'DH' | 'DHE' | 'ECDH' | 'ECDHE' | 'PSK' | 'SRP' | 'KRB5' | 'GOST' | 'none' | 'any';
  readonly auth: 'RSA' | 'DSS' | 'ECDSA' | 'PSK' | 'SRP' | 'KRB5' | 'GOST' | 'anon' | 'none' | 'any';
  /** The oldest version that may negotiate it, as OpenSSL sees it (SSLv3 for suites without elliptic curves). */
  readonly minVersion: TlsVersion;
  /** For TLS 1.3 and nothing else. */
  readonly tls13: boolean;
  /** Needs elliptic curves (TLS 1.3 suites do not say). */
  readonly isEcc: boolean;
}

/** Reads the facts off an IANA name, e.g. `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
export function parseSuiteName(name: string): SuiteFacts {
  if (name.startsWith('SSL_CK_')) {
    return { keyExchange: 'RSA', auth: 'RSA', minVersion: 'SSLv2', tls13: false, isEcc: false };
  }
  const [, kx = '', cipher = ''] = /^(?:OLD_)?(?:TLS|SSL)_(.+?)_WITH_(.+)$/.exec(name) ?? [];
  if (cipher === '') return { keyExchange: 'any', auth: 'any', minVersion: '1.3', tls13: true, isEcc: false };
  const isEcc = kx.startsWith('EC');
  return { keyExchange: keyExchange(kx), auth: auth(kx), minVersion: minVersion(kx, cipher), tls13: false, isEcc };
}

/**
 * The name OpenSSL has (or had, for what it has dropped) for a suite, in `-ciphers` strings; null: it never knew it.
 * Checked against every suite that an installed OpenSSL lists.
 */
export function opensslSuiteName(name: string): string | null {
  const [, kx, cipher] = /^TLS_(.+?)_WITH_(.+)$/.exec(name) ?? [];
  if (kx === undefined || cipher === undefined) return name.startsWith('TLS_') && !name.includes('SM4') ? name : null;
  if (/NULL_NULL|ARIA_..._CBC|CAMELLIA_..._GCM|GOST|ECCPWD|ECJPAKE|AES_..._CCM_8_SHA|AES_..._CCM_SHA/.test(name))
    return null;
  if (cipher.startsWith('ARIA') && /^DH_|^ECDH_/.test(kx)) return null;
  return [...exportPrefix(kx), ...opensslKeyExchange(kx, cipher), opensslCipher(kx, cipher)].join('-');
}

/** Longer words first: the first that a name starts with counts. */
const KEY_EXCHANGES = ['ECDHE', 'ECDH', 'DHE', 'DH', 'RSA', 'PSK', 'SRP', 'KRB5'] as const;
const SIGNERS = ['ECDSA', 'DSS', 'anon', 'RSA', 'KRB5'] as const;

function keyExchange(kx: string): SuiteFacts['keyExchange'] {
  if (kx === 'NULL') return 'none';
  if (kx === 'PSK_DHE') return 'DHE';
  if (kx.startsWith('GOST')) return 'GOST';
  if (kx.startsWith('ECCPWD') || kx.startsWith('ECJPAKE')) return 'ECDHE';
  const first = KEY_EXCHANGES.find((word) => kx.startsWith(word));
  // Anonymous Diffie-Hellman is ephemeral, although its names say DH.
  if (kx.includes('anon')) return first === 'ECDH' ? 'ECDHE' : 'DHE';
  return first ?? 'none';
}

function auth(kx: string): SuiteFacts['auth'] {
  if (kx === 'NULL' || kx.includes('FORTEZZA')) return 'none';
  if (kx.startsWith('GOST')) return 'GOST';
  if (kx.includes('PSK') || kx.startsWith('ECCPWD') || kx.startsWith('ECJPAKE')) return 'PSK';
  if (kx === 'SRP_SHA') return 'SRP';
  return SIGNERS.find((word) => kx.includes(word)) ?? 'none';
}

function minVersion(kx: string, cipher: string): TlsVersion {
  if (/GCM|CCM|CHACHA20|MGM/.test(cipher)) return '1.2';
  // RFC 5487 section 3 lets the PSK suites with SHA-256 and SHA-384 run on every version.
  if (/SHA256|SHA384/.test(cipher)) return kx.includes('PSK') ? '1.0' : '1.2';
  return kx.startsWith('EC') ? '1.0' : 'SSLv3';
}

function exportPrefix(kx: string): readonly string[] {
  if (kx.includes('EXPORT1024')) return ['EXP1024'];
  return kx.includes('EXPORT') ? ['EXP'] : [];
}

function opensslKeyExchange(kx: string, cipher: string): readonly string[] {
  const plain = kx.replace(/_EXPORT(?:1024)?$/, '');
  if (plain === 'RSA') return [];
  if (plain === 'DH_anon') return ['ADH'];
  if (plain === 'ECDH_anon') return ['AECDH'];
  if (plain === 'PSK_DHE') return ['DHE', 'PSK'];
  if (plain.startsWith('SRP_SHA')) return plain.replace('_SHA', '').split('_');
  // The oldest names of ephemeral Diffie-Hellman, still the ones listed for DES and 3DES.
  if (plain.startsWith('DHE_') && !plain.includes('PSK') && /^(?:3?DES|DES40)/.test(cipher)) {
    return plain.replace('DHE', 'EDH').split('_');
  }
  if (plain === 'ECDHE_RSA' && cipher.startsWith('ARIA')) return ['ECDHE'];
  return plain.split('_');
}

function opensslCipher(kx: string, cipher: string): string {
  // PSK and SRP suites came later and keep the mode in their names, SRP the dash before the key length as well.
  if (kx.startsWith('SRP')) return cipher.replaceAll('_', '-');
  if (kx.includes('PSK') && /^(?:AES_..._CBC|3DES)/.test(cipher)) {
    return cipher.replace(/^AES_(...)/, 'AES$1').replaceAll('_', '-');
  }
  return cipher
    .replace(/^3DES_EDE_CBC/, 'DES-CBC3')
    .replace(/^DES40_CBC|^DES_CBC_40/, 'DES-CBC')
    .replace(/^(RC4)_(?:40|128)/, '$1')
    .replace(/^RC4_56/, 'RC4')
    .replace(/^RC2_CBC_(?:40|56)/, 'RC2-CBC')
    .replace(/^(AES|CAMELLIA)_(...)_CBC/, '$1$2')
    .replace(/^(AES|ARIA)_(...)/, '$1$2')
    .replace(/^SEED_CBC/, 'SEED')
    .replace(/CCM_8$/, 'CCM8')
    .replace(/^CHACHA20_POLY1305_SHA256/, 'CHACHA20-POLY1305')
    .replaceAll('_', '-');
}
