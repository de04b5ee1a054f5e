import { opensslSuiteName, parseSuiteName, type SuiteFacts } from './iana-suite-facts.ts';
import { IRREGULAR_SUITES, SIGNALLING, SUITE_ROWS } from './iana-suites.ts';
import type { TlsVersion } from './mode.ts';

export interface Suite extends SuiteFacts {
  /** Two bytes; an SSLv2 cipher kind has three. */
  readonly code: number;
  readonly name: string;
  /** null: OpenSSL never knew it. */
  readonly openssl: string | null;
}

export interface Code {
  readonly code: number;
  readonly name: string;
  /** null: OpenSSL has no name for it. */
  readonly openssl: string | null;
}

/** Every cipher suite; signalling values are not among them. */
export const SUITES: readonly Suite[] = [...regularSuites(), ...IRREGULAR_SUITES].map(([code, name]) => ({
  code,
  name,
  openssl: opensslSuiteName(name),
  ...parseSuiteName(name),
}));

/** IANA "TLS Supported Groups", with the post-quantum hybrids that clients offer. */
export const GROUPS: readonly Code[] = [
  ...namesFrom(
    1,
    'sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1',
  ),
  ...namesFrom(11, 'sect409k1 sect409r1 sect571k1 sect571r1 secp160k1 secp160r1 secp160r2 secp192k1'),
  { code: 19, name: 'secp192r1', openssl: 'prime192v1' },
  ...namesFrom(20, 'secp224k1 secp224r1 secp256k1'),
  { code: 23, name: 'secp256r1', openssl: 'prime256v1' },
  ...namesFrom(24, 'secp384r1 secp521r1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1'),
  { code: 29, name: 'x25519', openssl: 'X25519' },
  { code: 30, name: 'x448', openssl: 'X448' },
  ...namesFrom(31, 'brainpoolP256r1tls13 brainpoolP384r1tls13 brainpoolP512r1tls13'),
  ...unnamedFrom(34, 'GC256A GC256B GC256C GC256D GC512A GC512B GC512C'),
  { code: 41, name: 'curveSM2', openssl: 'SM2' },
  ...namesFrom(0x100, 'ffdhe2048 ffdhe3072 ffdhe4096 ffdhe6144 ffdhe8192'),
  ...namesFrom(0x200, 'MLKEM512 MLKEM768 MLKEM1024'),
  ...namesFrom(0x11eb, 'SecP256r1MLKEM768 X25519MLKEM768 SecP384r1MLKEM1024'),
  ...unnamedFrom(0x6399, 'X25519Kyber768Draft00 SecP256r1Kyber768Draft00'),
  ...unnamedFrom(0xff01, 'arbitrary_explicit_prime_curves arbitrary_explicit_char2_curves'),
];

/**
 * IANA "TLS SignatureScheme". The hash and signature pairs of TLS 1.2 (RFC 5246 section 7.4.1.4.1) are the same
 * numbers; those without a name in TLS 1.3 are named alike here (`dsa_sha256`).
 */
export const SIGNATURES: readonly Code[] = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].flatMap((hash, i) => hashPairs(i + 1, hash)),
  ...unnamedFrom(0x0704, 'eccsi_sha256 iso_ibs1 iso_ibs2 iso_chinese_ibs'),
  { code: 0x0708, name: 'sm2sig_sm3', openssl: 'sm2sig_sm3' },
  ...unnamedFrom(0x0709, 'gostr34102012_256a gostr34102012_256b gostr34102012_256c gostr34102012_256d'),
  ...unnamedFrom(0x070d, 'gostr34102012_512a gostr34102012_512b gostr34102012_512c'),
  ...namesFrom(0x0804, 'rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512 ed25519 ed448'),
  ...namesFrom(0x0809, 'rsa_pss_pss_sha256 rsa_pss_pss_sha384 rsa_pss_pss_sha512'),
  ...namesFrom(0x081a, 'ecdsa_brainpoolP256r1tls13_sha256 ecdsa_brainpoolP384r1tls13_sha384'),
  ...namesFrom(0x081c, 'ecdsa_brainpoolP512r1tls13_sha512'),
  ...namesFrom(0x0904, 'mldsa44 mldsa65 mldsa87'),
];

/** IANA "TLS Alerts", with the reserved ones that old stacks still send (SSL 3.0's 41, TLS 1.0's 21 and 60). */
const ALERTS: readonly Code[] = [
  ...unnamedFrom(0, 'close_notify end_of_early_data'),
  ...unnamedFrom(10, 'unexpected_message'),
  ...unnamedFrom(20, 'bad_record_mac decryption_failed record_overflow'),
  ...unnamedFrom(30, 'decompression_failure'),
  ...unnamedFrom(40, 'handshake_failure no_certificate bad_certificate unsupported_certificate certificate_revoked'),
  ...unnamedFrom(45, 'certificate_expired certificate_unknown illegal_parameter unknown_ca access_denied'),
  ...unnamedFrom(50, 'decode_error decrypt_error too_many_cids_requested'),
  ...unnamedFrom(60, 'export_restriction'),
  ...unnamedFrom(70, 'protocol_version insufficient_security'),
  ...unnamedFrom(80, 'internal_error'),
  ...unnamedFrom(86, 'inappropriate_fallback'),
  ...unnamedFrom(90, 'user_canceled'),
  ...unnamedFrom(100, 'no_renegotiation'),
  ...unnamedFrom(109, 'missing_extension unsupported_extension certificate_unobtainable unrecognized_name'),
  ...unnamedFrom(113, 'bad_certificate_status_response bad_certificate_hash_value unknown_psk_identity'),
  ...unnamedFrom(116, 'certificate_required general_error'),
  ...unnamedFrom(120, 'no_application_protocol ech_required'),
];

/** IANA "TLS ExtensionType Values", and those that browsers used without a registration. */
export const EXTENSIONS: readonly Code[] = [
  ...unnamedFrom(0, 'server_name max_fragment_length client_certificate_url trusted_ca_keys truncated_hmac'),
  ...unnamedFrom(5, 'status_request user_mapping client_authz server_authz cert_type supported_groups'),
  ...unnamedFrom(11, 'ec_point_formats srp signature_algorithms use_srtp heartbeat'),
  ...unnamedFrom(16, 'application_layer_protocol_negotiation status_request_v2 signed_certificate_timestamp'),
  ...unnamedFrom(19, 'client_certificate_type server_certificate_type padding encrypt_then_mac'),
  ...unnamedFrom(23, 'extended_master_secret token_binding cached_info tls_lts compress_certificate'),
  ...unnamedFrom(28, 'record_size_limit pwd_protect pwd_clear password_salt ticket_pinning'),
  ...unnamedFrom(33, 'tls_cert_with_extern_psk delegated_credential session_ticket TLMSP'),
  ...unnamedFrom(37, 'TLMSP_proxying TLMSP_delegate supported_ekt_ciphers'),
  ...unnamedFrom(41, 'pre_shared_key early_data supported_versions cookie psk_key_exchange_modes'),
  ...unnamedFrom(47, 'certificate_authorities oid_filters post_handshake_auth signature_algorithms_cert key_share'),
  ...unnamedFrom(52, 'transparency_info connection_id_deprecated connection_id external_id_hash'),
  ...unnamedFrom(56, 'external_session_id quic_transport_parameters ticket_request dnssec_chain'),
  ...unnamedFrom(13172, 'next_protocol_negotiation'),
  ...unnamedFrom(17513, 'application_settings'),
  ...unnamedFrom(17613, 'application_settings_new'),
  ...unnamedFrom(30031, 'channel_id_old channel_id'),
  ...unnamedFrom(0xfd00, 'ech_outer_extensions'),
  ...unnamedFrom(0xfe0d, 'encrypted_client_hello'),
  ...unnamedFrom(0xff01, 'renegotiation_info'),
];

const VERSIONS: readonly (readonly [number, TlsVersion])[] = [
  [0x0002, 'SSLv2'],
  [0x0300, 'SSLv3'],
  [0x0301, '1.0'],
  [0x0302, '1.1'],
  [0x0303, '1.2'],
  [0x0304, '1.3'],
];

const versionByCode = new Map(VERSIONS);
const suitesByCode = byCode(SUITES);
const suitesByName = byName(SUITES);
const suitesByOpenssl = new Map(SUITES.flatMap((s) => (s.openssl === null ? [] : [[s.openssl, s] as const])));
const signallingNames = new Map<number, string>(SIGNALLING);
const [groupsByCode, groupsByName] = [byCode(GROUPS), byName(GROUPS)];
const [signaturesByCode, signaturesByName] = [byCode(SIGNATURES), byName(SIGNATURES)];
const alertsByCode = byCode(ALERTS);
const extensionsByCode = byCode(EXTENSIONS);

/** IANA name of a suite or signalling value; `0xABCD` (six digits for SSLv2 kinds) for what has none. */
export function suiteName(code: number): string {
  return suitesByCode.get(code)?.name ?? signallingNames.get(code) ?? hexCode(code);
}
export function suiteByCode(code: number): Suite | undefined {
  return suitesByCode.get(code);
}
export function suiteByName(name: string): Suite | undefined {
  return suitesByName.get(name);
}
/** By the name in OpenSSL's cipher lists, e.g. what `socket.getCipher().name` tells. */
export function suiteByOpenssl(name: string): Suite | undefined {
  return suitesByOpenssl.get(name);
}

export function groupName(code: number): string {
  return groupsByCode.get(code)?.name ?? hexCode(code);
}
export function groupByName(name: string): Code | undefined {
  return groupsByName.get(name);
}

export function signatureName(code: number): string {
  return signaturesByCode.get(code)?.name ?? hexCode(code);
}
export function signatureByName(name: string): Code | undefined {
  return signaturesByName.get(name);
}

export function alertName(number: number): string {
  return alertsByCode.get(number)?.name ?? hexCode(number);
}

export function extensionName(code: number): string {
  return extensionsByCode.get(code)?.name ?? hexCode(code);
}

/** undefined: no version that was ever published (TLS 1.3 drafts and GREASE among them). */
export function versionOf(code: number): TlsVersion | undefined {
  return versionByCode.get(code);
}

/** Values that clients insert so that servers learn to ignore what they do not know (RFC 8701 section 2). */
export function isGrease(code: number): boolean {
  return code <= 0xffff && (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}

function hexCode(code: number): string {
  return `0x${code
    .toString(16)
    .toUpperCase()
    .padStart(code > 0xffff ? 6 : 4, '0')}`;
}

function regularSuites(): (readonly [number, string])[] {
  return SUITE_ROWS.trim()
    .split('\n')
    .flatMap((row) => {
      const [first = '', exchanges = '', ...ciphers] = row.split(' ');
      const names = exchanges
        .split('|')
        .flatMap((kx) => ciphers.map((cipher) => (kx === '-' ? `TLS_${cipher}` : `TLS_${kx}_WITH_${cipher}`)));
      return names.map((name, i) => [Number.parseInt(first, 16) + i, name] as const);
    });
}

function namesFrom(first: number, names: string): readonly Code[] {
  return names.split(' ').map((name, i) => ({ code: first + i, name, openssl: name }));
}

function unnamedFrom(first: number, names: string): readonly Code[] {
  return names.split(' ').map((name, i) => ({ code: first + i, name, openssl: null }));
}

/** A hash of TLS 1.2 with each signature: rsa 1, dsa 2, ecdsa 3. */
function hashPairs(hashCode: number, hash: string): readonly Code[] {
  const curve = { sha256: 'secp256r1_', sha384: 'secp384r1_', sha512: 'secp521r1_' }[hash] ?? '';
  const names = [`rsa_pkcs1_${hash}`, `dsa_${hash}`, `ecdsa_${curve}${hash}`];
  return names.map((name, i) => ({
    code: (hashCode << 8) | (i + 1),
    name,
    openssl: `${['RSA', 'DSA', 'ECDSA'][i] ?? ''}+${hash.toUpperCase()}`,
  }));
}

function byCode<T extends { readonly code: number }>(rows: readonly T[]): ReadonlyMap<number, T> {
  return new Map(rows.map((row) => [row.code, row]));
}

function byName<T extends { readonly name: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [row.name, row]));
}
