import { HarnessFault, LabFault } from '../../faults.ts';
import { adviseAlgorithms, type AlgorithmLists } from './algorithms.ts';
import type { AuthAttempt } from './auth.ts';
import type { OfferReader } from './offer.ts';

/** What is known when a connection fails. */
export interface SshTrouble {
  readonly endpoint: string;
  readonly lists: AlgorithmLists;
  readonly offer: OfferReader;
  readonly auth: AuthAttempt;
  /** The host key was not believed. */
  refused: LabFault | null;
}

/** An error of the SSH library, or of the socket below it, in our words. */
export function translateSshError(error: unknown, trouble: SshTrouble): LabFault | HarnessFault {
  if (error instanceof LabFault || error instanceof HarnessFault) return error;
  if (trouble.refused !== null) return trouble.refused;
  const { endpoint, auth, lists } = trouble;
  const offered = trouble.offer.offered ?? {};
  const text = error instanceof Error ? error.message : String(error);
  const level = error instanceof Error && 'level' in error ? error.level : undefined;
  const details = { stage: 'login', endpoint, cause: error } as const;
  if (level === 'client-authentication') {
    const accepts = auth.accepts?.join(', ') ?? '';
    return new LabFault('ssh-auth-rejected', `the device did not accept the login by ${auth.method}`, {
      ...details,
      advice: `Check user and secret, or \`reach.auth\`.${accepts === '' ? '' : ` The device takes: ${accepts}.`}`,
    });
  }
  if (level === 'client-timeout') {
    const advice = 'The device took the connection and then said too little. It may be overloaded: restart it.';
    return new LabFault('ssh-timeout', 'the login did not come to an end', { ...details, advice });
  }
  if (NO_COMMON.test(text)) {
    return new LabFault(
      'ssh-no-common-algorithm',
      `the device offers ${renderOffer(offered)}: nothing of that is allowed`,
      {
        ...details,
        stage: 'connect',
        advice: adviseAlgorithms(offered, lists),
      },
    );
  }
  return new LabFault('ssh-failed', `SSH broke off: ${text.slice(0, MAX_TEXT)}`, {
    ...details,
    advice: 'Try `ssh -v` to the device from this machine: it shows how far the two get.',
  });
}

const NO_COMMON = /^Handshake failed: no matching (?!.*compression)/;
/** A device's own words may be in the error. */
const MAX_TEXT = 300;

function renderOffer(offered: Partial<AlgorithmLists>): string {
  const parts = Object.entries(offered).map(([kind, names]) => `${kind} ${names.join(', ')}`);
  return parts.join('; ').slice(0, MAX_OFFER) || 'no algorithm that could be read';
}
const MAX_OFFER = 1500;
