import { execFileSync } from 'node:child_process';
import { createSecureContext, getCiphers } from 'node:tls';
import { describe, expect, test } from 'vitest';
import {
  alertName,
  EXTENSIONS,
  extensionName,
  GROUPS,
  groupByName,
  groupName,
  isGrease,
  SIGNATURES,
  signatureByName,
  signatureName,
  SUITES,
  suiteByCode,
  suiteByName,
  suiteByOpenssl,
  suiteName,
  versionOf,
} from './iana.ts';

describe('suites', () => {
  test('codes, names, OpenSSL names and oldest versions are those of the installed OpenSSL', () => {
    const rows = openssl(['ciphers', '-V', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0']);
    const theirs = rows.map((row) => {
      const [bytes = '', , name = '', , short = '', version = ''] = row.trim().split(/\s+/);
      return { code: Number(bytes.replace(',0x', '')), name, openssl: short, minVersion: version.replace('TLSv', '') };
    });
    expect(theirs.length).toBeGreaterThan(100);
    const ours = theirs.map(({ code }) => {
      const suite = suiteByCode(code);
      const minVersion = suite?.minVersion === '1.0' ? '1' : suite?.minVersion;
      return { code, name: suite?.name, openssl: suite?.openssl, minVersion };
    });
    expect(ours).toEqual(theirs);
  });

  test('codes and names are those of tshark', () => {
    const theirs = tsharkValues('tls.handshake.ciphersuite');
    expect(theirs.size).toBeGreaterThan(300);
    // The draft and NSS duplicates carry a mark here, so that a name means one code.
    const marked = new Set([0xcc13, 0xcc14, 0xcc15, 0xffe0, 0xffe1]);
    const both = SUITES.filter((s) => theirs.has(s.code) && !marked.has(s.code));
    expect(both.map((s) => [s.code, s.name])).toEqual(both.map((s) => [s.code, theirs.get(s.code)]));
    const missing = [...theirs.keys()].filter((code) => !isGrease(code) && suiteName(code).startsWith('0x'));
    // Integrity-only TLS 1.3, GOST drafts, Chinese TLCP and Salsa20: no mail device offers them.
    expect(missing.every((c) => [0xc0b4, 0xc0b5].includes(c) || (c >= 0xc103 && c <= 0xc106) || c >> 12 === 0xe)).toBe(
      true,
    );
  });

  test('a name, an OpenSSL name and a code each mean one suite', () => {
    expect(new Set(SUITES.map((s) => s.name)).size).toBe(SUITES.length);
    expect(new Set(SUITES.map((s) => s.code)).size).toBe(SUITES.length);
    const names = SUITES.flatMap((s) => s.openssl ?? []);
    expect(new Set(names).size).toBe(names.length);
  });

  test('whatever this Node can speak is found by its OpenSSL name', () => {
    expect(getCiphers().filter((name) => suiteByOpenssl(name.toUpperCase()) === undefined)).toEqual([]);
  });

  test.for([
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE', 'RSA', '1.2', true],
    ['TLS_RSA_WITH_RC4_128_MD5', 'RSA', 'RSA', 'SSLv3', false],
    ['TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA', 'DHE', 'DSS', 'SSLv3', false],
    ['TLS_DH_anon_WITH_AES_128_CBC_SHA', 'DHE', 'anon', 'SSLv3', false],
    ['TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA', 'ECDH', 'ECDSA', '1.0', true],
    ['TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256', 'ECDHE', 'PSK', '1.0', true],
    ['SSL_CK_RC4_128_WITH_MD5', 'RSA', 'RSA', 'SSLv2', false],
    ['TLS_AES_128_GCM_SHA256', 'any', 'any', '1.3', false],
  ] as const)('%s: %s, %s, from %s on', ([name, keyExchange, auth, minVersion, isEcc]) => {
    expect(suiteByName(name)).toMatchObject({ keyExchange, auth, minVersion, isEcc, tls13: minVersion === '1.3' });
  });

  test('signalling values have a name and are no suite', () => {
    expect(suiteName(0x00ff)).toBe('TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
    expect(suiteName(0x5600)).toBe('TLS_FALLBACK_SCSV');
    expect(suiteByCode(0x5600)).toBeUndefined();
  });
});

describe('the other registries', () => {
  test('groups, signatures and extensions are named as tshark names them', () => {
    expect(differences(GROUPS, tsharkValues('tls.handshake.extensions_supported_group'))).toEqual([
      // tshark 4.0 still lists experiments of liboqs there; ML-KEM was registered later.
      ['MLKEM512', 'frodo640aes'],
      ['MLKEM768', 'frodo640shake'],
      ['MLKEM1024', 'frodo976aes'],
    ]);
    expect(differences(SIGNATURES, tsharkValues('tls.handshake.sig_hash_alg'))).toEqual([]);
    expect(differences(EXTENSIONS, tsharkValues('tls.handshake.extension.type'))).toEqual([
      ['delegated_credential', 'delegated_credentials'],
      ['connection_id_deprecated', 'connection_id (deprecated)'],
    ]);
  });

  test('alerts are named as tshark names them, in IANA spelling', () => {
    const theirs = tsharkValues('tls.alert_message.desc');
    expect(theirs.size).toBeGreaterThan(30);
    for (const [number, name] of theirs) expect(alertName(number)).toBe(name.toLowerCase().replaceAll(' ', '_'));
  });

  test.for(['secp256r1', 'secp384r1', 'secp521r1', 'x25519', 'x448', 'ffdhe2048', 'brainpoolP256r1', 'X25519MLKEM768'])(
    'OpenSSL takes its name of group %s',
    (name) => {
      const ecdhCurve = groupByName(name)!.openssl!;
      expect(() => createSecureContext({ ecdhCurve })).not.toThrow();
    },
  );

  test.for(
    SIGNATURES.filter(
      (s) => /sha(?:1|224|256|384|512)$|^ed/.test(s.name) && s.openssl !== null && !s.name.includes('tls13'),
    ),
  )('OpenSSL takes its name of signature $name', ({ openssl: sigalgs }) => {
    expect(() => createSecureContext({ sigalgs: sigalgs! })).not.toThrow();
  });

  test('the hash and signature pairs of TLS 1.2 are signature schemes', () => {
    expect([0x0201, 0x0401, 0x0403, 0x0804].map(signatureName)).toEqual([
      'rsa_pkcs1_sha1',
      'rsa_pkcs1_sha256',
      'ecdsa_secp256r1_sha256',
      'rsa_pss_rsae_sha256',
    ]);
    expect(signatureByName('ecdsa_sha1')?.code).toBe(0x0203);
  });

  test('what has no name is written as its code', () => {
    expect([suiteName(0xabcd), groupName(0xabcd), extensionName(0x0a0b), suiteName(0x0a0b0c)]).toEqual([
      '0xABCD',
      '0xABCD',
      '0x0A0B',
      '0x0A0B0C',
    ]);
    expect(versionOf(0x7f1c)).toBeUndefined();
  });

  test('GREASE is 0x?A?A with both bytes alike', () => {
    expect([0x0a0a, 0x1a1a, 0xfafa].every(isGrease)).toBe(true);
    expect([0x0a1a, 0x0a0b, 0x1301, 0x010a0a].some(isGrease)).toBe(false);
  });
});

function differences(ours: readonly { code: number; name: string }[], theirs: ReadonlyMap<number, string>): unknown[] {
  expect(theirs.size).toBeGreaterThan(10);
  return ours.flatMap((row) => {
    const name = theirs.get(row.code);
    return name === undefined || name === row.name ? [] : [[row.name, name]];
  });
}

function openssl(args: readonly string[]): string[] {
  return execFileSync('openssl', args, { encoding: 'utf8' }).trim().split('\n');
}

let allValues: string[] | undefined;
function tsharkValues(field: string): ReadonlyMap<number, string> {
  allValues ??= execFileSync('tshark', ['-G', 'values'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
  const rows = allValues.filter((row) => row.startsWith(`V\t${field}\t`)).map((row) => row.split('\t'));
  return new Map(rows.map(([, , code = '', name = '']) => [Number(code), name]));
}
