import ssh2 from 'ssh2';
import { renderFingerprint } from './host-key.ts';

/** Kinds of keys as device files name them: Ed25519, or RSA with this many bits. */
export type KeyBits = 1024 | 2048 | 'ed25519';

export interface SshKey {
  /** OpenSSH's own format, without passphrase. */
  readonly privateKey: string;
  /** A line of authorized_keys. */
  readonly publicLine: string;
  /** SHA256:… as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/** A key that lives as long as one container: its host key, or the key that logs in to it. */
export function mintSshKey(bits: KeyBits): SshKey {
  const pair = bits === 'ed25519' ? mintEd25519() : ssh2.utils.generateKeyPairSync('rsa', { bits });
  const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
  return {
    privateKey: pair.private,
    publicLine: pair.public,
    fingerprint: renderFingerprint(blob),
  };
}

/** One in 240 of those that ssh2 makes it cannot read itself (84 of 20,000, measured): then another is made. */
function mintEd25519(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
