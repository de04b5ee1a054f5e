import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto';
import { groupName } from '../vocabulary/iana.ts';

/**
 * A public key of a group as a key_share carries it (RFC 8446 section 4.2.8), made once a process; null: of a group that
 * nothing here can make a key of. Nobody has the private half: an answer is read as far as it is in the clear.
 */
export function publicKey(group: number): Buffer | null {
  const known = made.get(group);
  if (known !== undefined) return known;
  const key = makeKey(groupName(group));
  made.set(group, key);
  return key;
}
const made = new Map<number, Buffer | null>();

/** The recorded share of a group: a key as above, or what has the recorded length and no meaning. */
export function keyShare(group: number, length: number): Buffer {
  const key = publicKey(group);
  return key?.length === length ? key : randomBytes(length);
}

const CURVES: Readonly<Record<string, string>> = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
  secp256k1: 'secp256k1',
  brainpoolP256r1tls13: 'brainpoolP256r1',
  brainpoolP384r1tls13: 'brainpoolP384r1',
  brainpoolP512r1tls13: 'brainpoolP512r1',
};

function makeKey(name: string): Buffer | null {
  const curve = CURVES[name];
  if (curve !== undefined) return createECDH(curve).generateKeys();
  if (name === 'x25519' || name === 'x448') return montgomeryKey(name);
  const bits = /^ffdhe(\d+)$/.exec(name)?.[1];
  if (bits !== undefined) return finiteFieldKey(Number(bits));
  switch (name) {
    // RFC 9370's order of the parts differs: draft-ietf-tls-ecdhe-mlkem section 4 puts ML-KEM first with X25519.
    case 'X25519MLKEM768':
      return Buffer.concat([mlkemKey('ml-kem-768', 1184), montgomeryKey('x25519')]);
    case 'SecP256r1MLKEM768':
      return Buffer.concat([createECDH('prime256v1').generateKeys(), mlkemKey('ml-kem-768', 1184)]);
    case 'SecP384r1MLKEM1024':
      return Buffer.concat([createECDH('secp384r1').generateKeys(), mlkemKey('ml-kem-1024', 1568)]);
    case 'MLKEM512':
      return mlkemKey('ml-kem-512', 800);
    case 'MLKEM768':
      return mlkemKey('ml-kem-768', 1184);
    case 'MLKEM1024':
      return mlkemKey('ml-kem-1024', 1568);
    default:
      return null;
  }
}

/** The key stands at the end of its SubjectPublicKeyInfo. */
function montgomeryKey(name: 'x25519' | 'x448'): Buffer {
  const { publicKey: key } = name === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
  return key.export({ type: 'spki', format: 'der' }).subarray(name === 'x25519' ? -32 : -56);
}

function mlkemKey(name: 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024', bytes: number): Buffer {
  const { publicKey: key } = makeMlkem(name);
  return key.export({ type: 'spki', format: 'der' }).subarray(-bytes);
}

function makeMlkem(name: 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024') {
  if (name === 'ml-kem-512') return generateKeyPairSync('ml-kem-512');
  return name === 'ml-kem-768' ? generateKeyPairSync('ml-kem-768') : generateKeyPairSync('ml-kem-1024');
}

/** 4, a square, lies in the subgroup of every group of RFC 7919, whose primes are safe: servers check that. */
function finiteFieldKey(bits: number): Buffer {
  const key = Buffer.alloc(bits / 8);
  key[key.length - 1] = 4;
  return key;
}
