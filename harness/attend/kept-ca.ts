import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { mintRunCa, type RunCa } from '../pki/mint.ts';

/** The root that the devices of a run trust, kept as long as the run may go on. */
export interface KeptCa {
  readonly ca: RunCa;
  /** It was there before: devices that were given it need no other. */
  readonly isKnown: boolean;
  /** With its key. */
  readonly file: string;
  /** The root alone, to be given to devices. */
  readonly der: string;
  readonly pem: string;
  /** The run has ended: its key goes. */
  discard(): void;
}

/**
 * The run's root from its folder, or a new one. Only the user who runs it can read the file; what that is worth is in
 * README.md.
 *
 * @throws HarnessFault `run-ca-unsafe` where others could have read or changed the key.
 */
export function keepRunCa(folder: string, now: Date): KeptCa {
  const file = join(folder, FILE);
  const known = readKept(file);
  const ca = known ?? mintRunCa(now);
  if (known === null) writeKept(file, ca);
  const [der, pem] = [join(folder, 'run-ca.crt'), join(folder, 'run-ca.pem')];
  writeFileSync(der, new X509Certificate(ca.pem).raw);
  writeFileSync(pem, ca.pem);
  return { ca, isKnown: known !== null, file, der, pem, discard: () => discardRunCa(folder) };
}

/** Removes the key of a run's root; without one it does nothing. */
export function discardRunCa(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}

const FILE = 'run-ca.key.pem';
const OWNER_ONLY = 0o600;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

function writeKept(file: string, { pem, keyPem }: RunCa): void {
  const fd = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, OWNER_ONLY);
  try {
    // The mask of the process may take rights away, or the file system give some.
    fchmodSync(fd, OWNER_ONLY);
    writeFileSync(fd, pem + keyPem);
  } finally {
    closeSync(fd);
  }
}

function readKept(file: string): RunCa | null {
  let fd: number;
  try {
    fd = openSync(file, O_RDONLY | O_NOFOLLOW);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw unsafe(file, 'it cannot be opened as a file of its own', cause);
  }
  try {
    const { mode, uid } = fstatSync(fd);
    // Windows has neither.
    const isPrivate = process.platform === 'win32' || ((mode & 0o077) === 0 && uid === process.getuid?.());
    if (!isPrivate) throw unsafe(file, 'other users could read or change it');
    return parseKept(file, readFileSync(fd, 'utf8'));
  } finally {
    closeSync(fd);
  }
}

function parseKept(file: string, text: string): RunCa {
  const [pem = '', keyPem = ''] = text.split(/(?=-----BEGIN PRIVATE KEY-----)/);
  try {
    const certificate = new X509Certificate(pem);
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw unsafe(file, 'its key is that of another root');
    return { commonName: /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '', pem, keyPem };
  } catch (cause) {
    if (cause instanceof HarnessFault) throw cause;
    throw unsafe(file, 'it holds no root with its key', cause);
  }
}

function unsafe(file: string, why: string, cause?: unknown): HarnessFault {
  return new HarnessFault('run-ca-unsafe', `${file}: ${why}`, {
    exitCode: 78,
    stage: 'configuration',
    advice: 'Remove the file and this run’s root from the devices that trust it; the run goes on with a new one.',
    cause,
  });
}
