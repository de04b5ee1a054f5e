import { HarnessFault } from '../../faults.ts';
import type { Reach } from '../../vocabulary/device.ts';

export type Algorithms = NonNullable<Extract<Reach, { driver: 'ssh' }>['algorithms']>;
type Kind = keyof Algorithms;
export type AlgorithmLists = Readonly<Record<Kind, readonly string[]>>;

/**
 * What every device may use: no SHA-1, no CBC, no MD5. Short on purpose: old Dropbear servers end the connection
 * when a client lists more than 20 names of a kind (MAX_PROPOSED_ALGO in its common-algo.c).
 */
const MODERN: AlgorithmLists = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha1',
  ],
};

/** What a device file may allow one device in addition. blowfish and arcfour need ciphers that OpenSSL 3 has no more. */
const LEGACY: AlgorithmLists = {
  kex: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'diffie-hellman-group1-sha1'],
  serverHostKey: ['ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  hmac: ['hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'],
};

const KINDS = ['kex', 'serverHostKey', 'cipher', 'hmac'] as const satisfies readonly Kind[];

/** The modern lists, then what the device file allows. Throws HarnessFault `ssh-algorithm-unknown`. */
export function planAlgorithms(allowed: Algorithms | undefined): AlgorithmLists {
  const plan = (kind: Kind): readonly string[] => {
    for (const name of allowed?.[kind] ?? []) checkKnown(kind, name);
    return [...new Set([...MODERN[kind], ...(allowed?.[kind] ?? [])])];
  };
  return { kex: plan('kex'), serverHostKey: plan('serverHostKey'), cipher: plan('cipher'), hmac: plan('hmac') };
}

function checkKnown(kind: Kind, name: string): void {
  if (MODERN[kind].includes(name) || LEGACY[kind].includes(name)) return;
  throw new HarnessFault('ssh-algorithm-unknown', `reach.algorithms.${kind}: "${name}" cannot be spoken from here`, {
    advice: `Old ones that can: ${LEGACY[kind].join(', ')}.`,
    stage: 'configuration',
  });
}

/** Those of the negotiated algorithms that only the device file allowed, for the record. */
export function listLegacy(negotiated: readonly string[]): readonly string[] {
  return negotiated.filter((name) => KINDS.some((kind) => LEGACY[kind].includes(name)));
}

/** Kinds of which the device offers nothing that our lists have. */
export function findMissing(offered: AlgorithmLists, lists: AlgorithmLists): readonly Kind[] {
  return KINDS.filter((kind) => !offered[kind].some((name) => lists[kind].includes(name)));
}

/** What a person can do about the missing kinds: the lines to add to the device file, or another way to the device. */
export function adviseAlgorithms(offered: AlgorithmLists, missing: readonly Kind[]): string {
  const speakable = (kind: Kind): readonly string[] => offered[kind].filter((name) => LEGACY[kind].includes(name));
  const hopeless = missing.filter((kind) => speakable(kind).length === 0);
  if (hopeless.length > 0) {
    return `Its ${hopeless.join(' and ')} cannot be spoken from here: reach it with driver: pty, by telnet or a serial line.`;
  }
  const lines = missing.map((kind) => `    ${kind}: [${speakable(kind).join(', ')}]`);
  return `If you accept these old algorithms for this device, add to its file:\nreach:\n  algorithms:\n${lines.join('\n')}`;
}
