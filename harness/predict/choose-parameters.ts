import { authOf, canSign, fitsVersion, IMPLIED_SIGNATURES, isTls13, needsGroup } from '../judging/negotiation.ts';
import type { Cause } from '../vocabulary/finding.ts';
import { suiteByName } from '../vocabulary/iana.ts';
import { compareVersions, type TlsVersion } from '../vocabulary/mode.ts';
import type { Negotiated } from './predict-hello.ts';
import type { Offer, ServerKey, ServerRules } from './server-rules.ts';

export type Choice = Negotiated;

export interface Refused {
  readonly cause: Cause;
  readonly because: string;
}

/**
 * What OpenSSL as a server, with its own order of preference, takes from a hello in this version; or why it takes
 * nothing. Rules and where they were measured: README.md.
 */
export function chooseParameters(offer: Offer, version: TlsVersion, rules: ServerRules): Choice | Refused {
  const choice = chooseWithKey(offer, version, rules);
  if (!('cause' in choice) || choice.cause === 'no-shared-group') return choice;
  // Where a certificate of the other kind would do, the certificate is the cause; groups are looked at after it.
  const other = chooseWithKey(offer, version, { ...rules, key: rules.key.type === 'RSA' ? ECDSA_KEY : RSA_KEY });
  if ('cause' in other && other.cause !== 'no-shared-group') return choice;
  return {
    cause: 'certificate-key',
    because: `Nothing that it offers fits a certificate with an ${rules.key.type} key.`,
  };
}

const RSA_KEY: ServerKey = { type: 'RSA', bits: 2048, curve: null };
const ECDSA_KEY: ServerKey = { type: 'ECDSA', bits: 256, curve: 'secp256r1' };

function chooseWithKey(offer: Offer, version: TlsVersion, rules: ServerRules): Choice | Refused {
  return version === '1.3' ? choose13(offer, rules) : chooseOlder(offer, version, rules);
}

function choose13({ hello, keyShares }: Offer, rules: ServerRules): Choice | Refused {
  const suite = rules.suites.find((s) => isTls13(s) && hello.suites.includes(s));
  if (suite === undefined) return { cause: 'no-shared-cipher', because: 'They share no suite of TLS 1.3.' };
  // RFC 8446 section 9.2: without the list, and without the two below, a hello of TLS 1.3 is none (alert 109).
  const signature = hello.signatures === null ? null : signatureFor(hello.signatures, '1.3', rules);
  if (signature === null) return noSignature(rules.key, '1.3');
  const missing = ['supported_groups', 'key_share'].find((name) => !hello.extensions.includes(name));
  if (missing !== undefined) {
    return { cause: 'no-shared-group', because: `It offers TLS 1.3 without ${missing} (RFC 8446 section 9.2).` };
  }
  const groups = rules.groups.filter((g) => isGroupOf(g, '1.3') && hello.groups?.includes(g) === true);
  const [best] = groups;
  if (best === undefined) return { cause: 'no-shared-group', because: 'They share no group that TLS 1.3 has.' };
  const chosen = { version: '1.3', suite, signature, dhBits: null } as const;
  // Not known whether it comes with a key, or for which group.
  if (keyShares === undefined) return { ...chosen, group: groups.length === 1 ? best : null, retried: false };
  const shared =
    rules.shareOrder === 'server'
      ? groups.find((g) => keyShares?.includes(g))
      : keyShares?.find((g) => groups.includes(g));
  return { ...chosen, group: shared ?? best, retried: shared === undefined };
}

function chooseOlder({ hello }: Offer, version: TlsVersion, rules: ServerRules): Choice | Refused {
  const { key } = rules;
  const signature = version === '1.2' ? signatureFor(hello.signatures, version, rules) : null;
  // Of every suite with a certificate, also where nothing is signed with it (see compareSignatures of the judge).
  if (version === '1.2' && signature === null) return noSignature(key, version);
  // A client that names no groups gets no elliptic curve, although RFC 8422 section 4 would leave the server the choice.
  const group = rules.groups.find((g) => isGroupOf(g, version) && hello.groups?.includes(g) === true) ?? null;
  const listed = rules.suites.filter((s) => hello.suites.includes(s) && fitsVersion(s, version));
  const keyed = listed.filter((s) => authOf(s) === key.type);
  if (keyed.length === 0) return { cause: 'no-shared-cipher', because: `They share no suite that ${version} has.` };
  if (key.curve !== null && hello.groups?.includes(key.curve) === false) {
    return { cause: 'no-shared-group', because: `It does not offer ${key.curve}, the curve of the certificate.` };
  }
  const suite = keyed.find((s) => group !== null || !needsGroup(s));
  if (suite === undefined) return { cause: 'no-shared-group', because: `They share no group that ${version} has.` };
  const exchange = suiteByName(suite)?.keyExchange;
  return {
    version,
    suite,
    group: exchange === 'ECDHE' ? group : null,
    signature: exchange === 'RSA' ? null : signature,
    dhBits: exchange === 'DHE' ? rules.dhBits : null,
    retried: false,
  };
}

/** The first of the server's own list that the client takes and the key can make. */
function signatureFor(
  offered: readonly string[] | null,
  version: TlsVersion,
  { signatures, key }: ServerRules,
): string | null {
  const taken = offered ?? IMPLIED_SIGNATURES;
  const { type, curve } = key;
  if (type === 'other') return null;
  return signatures.find((s) => taken.includes(s) && canSign({ type, curve }, s, version)) ?? null;
}

function noSignature(key: ServerKey, version: TlsVersion): Refused {
  return {
    cause: 'no-shared-signature',
    because: `They share no signature that an ${key.type} key can make in TLS ${version}.`,
  };
}

/** Groups that OpenSSL has for one side of TLS 1.3 only: RFC 8446 section 4.2.7 took the others away. */
function isGroupOf(group: string, version: TlsVersion): boolean {
  if (/^(?:secp(?:256|384|521)r1|x25519|x448)$/.test(group)) return true;
  const isNew = /^ffdhe|MLKEM|tls13$/.test(group);
  return isNew === compareVersions(version, '1.3') >= 0;
}
