import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { domainToASCII } from 'node:url';
import type { MintedProfile, Mode } from '../vocabulary/mode.ts';
import { issueCertificate, type KeyPair } from './issue.ts';
import { type ServerCertificate, readProviderCertificate } from './provider-certificate.ts';

/** The certificates of one run. Keys live in memory only; nothing is written to disk. */
export interface Pki {
  /** Root that devices are given as `trust: run-ca`. */
  readonly runCaPem: string;
  /** Stands for the roots that devices ship with: only emulated devices know it. */
  readonly factoryRootPem: string;
  /** What a server of this mode shows. The same mode gets the same certificate. */
  certificate(mode: Mode): ServerCertificate;
}

export interface PkiOptions {
  /** Names that every certificate holds beyond its mode's own hosts. */
  readonly hosts: readonly string[];
  /** IP addresses at which devices are told to connect. */
  readonly addresses: readonly string[];
  readonly now?: Date;
  /** The root that devices were given before, in a run that goes on. Default: a new one. */
  readonly runCa?: RunCa;
}

/** A run's root with its key: whoever has it can pretend to be any server to a device that trusts it. */
export interface RunCa {
  readonly commonName: string;
  readonly pem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

/** A root to be given to devices, for a run that may go on after a restart. */
export function mintRunCa(now: Date): RunCa {
  const { commonName, pem, key } = authority(nameRunCa(now));
  return { commonName, pem, keyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Makes a run's authorities. Keys are generated when first needed: RSA-2048 takes 30 to 300 ms each. */
export function mintPki(options: PkiOptions): Pki {
  const now = options.now ?? new Date();
  const runCa = lazily(() => (options.runCa === undefined ? authority(nameRunCa(now)) : authorityOf(options.runCa)));
  const factoryRoot = lazily(() => authority('Cutover emulated factory root'));
  const untrustedRoot = lazily(() => authority('Cutover untrusted root'));
  const rsaKey = lazily(rsaKeyPair);
  const ecKey = lazily((): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const minted = new Map<string, ServerCertificate>();

  return {
    get runCaPem() {
      return runCa().pem;
    },
    get factoryRootPem() {
      return factoryRoot().pem;
    },
    certificate(mode) {
      if (!('minted' in mode.certificate)) return readProviderCertificate(mode.certificate.files);
      const profile = mode.certificate.minted;
      const names = profile === 'wrong-name' ? [WRONG_NAME] : namesOf(mode, mode.certificate.names, options);
      const cached = minted.get(`${profile} ${names.join(' ')}`);
      if (cached !== undefined) return cached;

      const root = profile === 'untrusted-root' ? untrustedRoot : profile === 'factory-root' ? factoryRoot : runCa;
      const key = profile === 'ecdsa-p256' ? ecKey() : rsaKey();
      const leafPem = issueCertificate({
        commonName: names[0] ?? mode.hosts.smtp,
        key,
        issuer: root(),
        ...validity(profile, now),
        hash: profile === 'sha1-signed' ? 'sha1' : 'sha256',
        use: 'server',
        names,
      });
      const certificate = {
        chainPem: leafPem + root().pem,
        keyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        rootPem: root().pem,
      };
      minted.set(`${profile} ${names.join(' ')}`, certificate);
      return certificate;
    },
  };
}

/** RFC 6761 6.4: `.invalid` is no one's name. */
const WRONG_NAME = 'another-server.invalid';
const DAY_MS = 86_400_000;
/** A day back, because clocks of devices are seldom right; 398 days, the longest that today's programs accept. */
const LIFE_DAYS = { before: 1, after: 397 } as const;
/** 32-bit clocks of old devices end on 2038-01-19: no certificate may outlive them. */
const LAST_DAY = new Date('2038-01-01T00:00:00Z');
/** Oldest date that UTCTime can say. Roots start here, so that a device whose clock stands at 1970 can check a chain. */
const FIRST_DAY = new Date('1950-01-01T00:00:00Z');

interface Authority {
  readonly commonName: string;
  readonly key: KeyPair;
  readonly pem: string;
}

function authority(commonName: string): Authority {
  const key = rsaKeyPair();
  const pem = issueCertificate({
    commonName,
    key,
    notBefore: FIRST_DAY,
    notAfter: LAST_DAY,
    hash: 'sha256',
    use: 'authority',
  });
  return { commonName, key, pem };
}

function nameRunCa(now: Date): string {
  return `Cutover run CA ${now.toISOString().slice(0, 10)}`;
}

function authorityOf({ commonName, pem, keyPem }: RunCa): Authority {
  return { commonName, pem, key: { privateKey: createPrivateKey(keyPem), publicKey: createPublicKey(keyPem) } };
}

function validity(profile: MintedProfile, now: Date): { notBefore: Date; notAfter: Date } {
  const days = (count: number) => new Date(Math.min(now.getTime() + count * DAY_MS, LAST_DAY.getTime()));
  if (profile === 'expired') return { notBefore: days(-LIFE_DAYS.after), notAfter: days(-LIFE_DAYS.before) };
  if (profile === 'not-yet-valid') return { notBefore: days(30), notAfter: days(LIFE_DAYS.after) };
  return {
    notBefore: profile === 'valid-from-1950' ? FIRST_DAY : days(-LIFE_DAYS.before),
    notAfter: days(LIFE_DAYS.after),
  };
}

function namesOf(mode: Mode, more: readonly string[], options: PkiOptions): string[] {
  const { smtp, imap, pop3 } = mode.hosts;
  const names = [smtp, imap, pop3, ...options.hosts, ...more, ...options.addresses].map(asciiName);
  return [...new Set(names)];
}

/** Certificates hold names in ASCII (RFC 5280 section 7.2). What is no name at all stays as it was typed. */
function asciiName(name: string): string {
  return /^[ -~]*$/.test(name) ? name : domainToASCII(name) || name;
}

function rsaKeyPair(): KeyPair {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
