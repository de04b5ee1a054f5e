import { isTrouble } from '../causes.ts';
import type { ClientHello } from '../vocabulary/evidence.ts';
import type { Cause } from '../vocabulary/finding.ts';
import { compareVersions, MINTED_PROFILES, type MintedProfile, type Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Change } from '../vocabulary/trial.ts';

/** A change of one key of a mode, and the cause that it would undo. */
export interface CounterTest {
  readonly cause: Cause;
  readonly change: Change;
}

/**
 * The counter-tests of a failed question, in the fixed order in which they are run: the named cause, or every
 * candidate. Causes that no key of a mode can undo (a hello on the wrong port, a rejected password) have none.
 */
export function planCounterTests(question: Record, mode: Mode): readonly CounterTest[] {
  if (question.outcome === 'works' || question.outcome === 'not-run') return [];
  const causes = question.candidates ?? (question.cause === undefined ? [] : [question.cause]);
  return causes.flatMap((cause) => {
    const change = undo(cause, question, mode);
    return change === null ? [] : [{ cause, change }];
  });
}

/**
 * Whether the unchanged mode stops the device on embedded servers as well. Only then does changing it there say anything
 * of another engine's servers: a trial that ended in trouble, or could not be run, has shown no failure.
 */
export function isShared(unchanged: Pick<Record, 'outcome' | 'cause'>): boolean {
  return unchanged.outcome !== 'works' && unchanged.outcome !== 'not-run' && !isTrouble(unchanged.cause);
}

/** The cause that a counter-test's change undoes: what letting the device through proves. */
export function causeUndoneBy(change: Change): Cause | null {
  switch (change.path) {
    case 'tls.min':
      return 'version-too-old';
    case 'suites':
      return 'no-shared-cipher';
    case 'groups':
      return 'no-shared-group';
    case 'signatures':
      return 'no-shared-signature';
    case 'certificate.names':
      return 'certificate-name';
    case 'certificate.minted':
      return causeOfProfile(String(change.from), String(change.to));
    case 'plaintext':
      return 'plaintext-only';
    case 'auth':
      return Array.isArray(change.to) && change.to.includes('NONE') ? 'auth-missing' : 'auth-mechanism';
    default:
      return null;
  }
}

function undo(cause: Cause, question: Record, mode: Mode): Change | null {
  const hello = bestHello(question);
  const minted = 'minted' in mode.certificate ? mode.certificate : null;
  switch (cause) {
    case 'version-too-old':
      if (hello === null || compareVersions(hello.maxVersion, mode.tls.min) >= 0) return null;
      return { path: 'tls.min', from: mode.tls.min, to: hello.maxVersion };
    case 'no-shared-cipher':
      return hello === null ? null : added('suites', mode.suites, hello.suites.filter(isName));
    case 'no-shared-group':
      return added('groups', mode.groups, (hello?.groups ?? []).filter(isName));
    case 'no-shared-signature':
      return hello === null
        ? null
        : added('signatures', mode.signatures, (hello.signatures ?? ['rsa_pkcs1_sha1', 'ecdsa_sha1']).filter(isName));
    // A chain of the provider's own cannot be changed in one respect alone, so its causes stay suspected.
    case 'certificate-name': {
      const typed = question.setting.host ?? hello?.sni ?? null;
      if (minted?.minted !== 'rsa-2048') return faultOfProfile(minted, cause);
      return typed === null ? null : added('certificate.names', minted.names, [typed]);
    }
    case 'certificate-dates':
      return minted?.minted === 'rsa-2048' ? minting(minted, 'valid-from-1950') : faultOfProfile(minted, cause);
    case 'certificate-untrusted':
      // A root that ships with a device can be had for emulated devices only.
      if (minted?.minted === 'rsa-2048') return question.device.emulated ? minting(minted, 'factory-root') : null;
      return faultOfProfile(minted, cause);
    case 'certificate-key':
      return faultOfProfile(minted, cause);
    case 'plaintext-only':
      return mode.plaintext === 'allowed' ? null : { path: 'plaintext', from: 'refused', to: 'allowed' };
    case 'auth-missing':
      return added('auth', mode.auth, ['NONE']);
    case 'auth-mechanism':
      return added('auth', mode.auth, ['CRAM-MD5']);
    default:
      return null;
  }
}

type Minted = Extract<Mode['certificate'], { minted: unknown }>;

/** What each profile does wrong on purpose; `rsa-2048` undoes exactly that. */
const FAULT_OF_PROFILE: { readonly [P in MintedProfile]: Cause | null } = {
  'rsa-2048': null,
  'ecdsa-p256': 'certificate-key',
  'sha1-signed': 'certificate-key',
  'untrusted-root': 'certificate-untrusted',
  'factory-root': 'certificate-untrusted',
  expired: 'certificate-dates',
  'not-yet-valid': 'certificate-dates',
  'valid-from-1950': 'certificate-dates',
  'wrong-name': 'certificate-name',
};

function faultOfProfile(minted: Minted | null, cause: Cause): Change | null {
  return minted !== null && FAULT_OF_PROFILE[minted.minted] === cause ? minting(minted, 'rsa-2048') : null;
}

function minting(minted: Minted, to: MintedProfile): Change {
  return { path: 'certificate.minted', from: minted.minted, to };
}

function causeOfProfile(from: string, to: string): Cause | null {
  const wrong = MINTED_PROFILES.find((p) => p === (to === 'rsa-2048' ? from : to));
  return wrong === undefined ? null : FAULT_OF_PROFILE[wrong];
}

function added(path: string, from: readonly string[], more: readonly string[]): Change | null {
  const to = [...new Set([...from, ...more])];
  return to.length === from.length ? null : { path, from: [...from], to };
}

/** Codes without a name and signalling values cannot be written into a mode. */
function isName(name: string): boolean {
  return !name.startsWith('0x') && !name.endsWith('_SCSV');
}

/** Of several hellos the one that offers most: what judging went by. */
function bestHello(question: Record): ClientHello | null {
  const hellos = question.evidence.wire.connections.flatMap((c) => (c.hello === null || c.late ? [] : [c.hello]));
  const [first, ...rest] = hellos;
  if (first === undefined) return null;
  return rest.reduce((a, b) => (compareVersions(b.maxVersion, a.maxVersion) > 0 ? b : a), first);
}
