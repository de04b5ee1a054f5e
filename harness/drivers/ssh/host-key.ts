import { createHash } from 'node:crypto';
import { LabFault } from '../../faults.ts';

/** Shown to a person before a device's host key is believed for the first time. */
export interface HostKeyQuestion {
  readonly endpoint: string;
  /** SHA256:… as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/** RFC 4253's key blob as OpenSSH's fingerprint: base64 of its SHA-256 without padding. */
export function renderFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** null: the key is the pinned one. Otherwise the fault that ends the connection, before a password is sent. */
export function judgeHostKey({ endpoint, fingerprint }: HostKeyQuestion, pinned: string | undefined): LabFault | null {
  if (pinned?.replace(/=+$/, '') === fingerprint) return null;
  if (pinned === undefined) {
    return new LabFault('ssh-host-key-unknown', `host key ${fingerprint} is not known`, {
      advice: `Compare it with the device's own; if it is the same, add to its file:\nreach:\n  hostKey: ${fingerprint}`,
      stage: 'login',
      endpoint,
    });
  }
  return new LabFault('ssh-host-key-changed', `host key is ${fingerprint}, the device file expects ${pinned}`, {
    advice:
      'Another device may answer at this address, the device may have been reset or replaced, or someone is in between. ' +
      'Compare the fingerprint on the device itself; only if it is the same, put it into `reach.hostKey`.',
    stage: 'login',
    endpoint,
  });
}
