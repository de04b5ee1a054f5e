import { HarnessFault, LabFault } from '../../faults.ts';
import { adviseAlgorithms, type AlgorithmLists, findMissing } from './algorithms.ts';
import type { AuthAttempt } from './auth.ts';
import type { OfferReader } from './offer.ts';

/** What is known when a connection fails. */
export interface SshTrouble {
  readonly endpoint: string;
  readonly lists: AlgorithmLists;
  readonly offer: OfferReader;
  readonly auth: AuthAttempt;
}

/** An error of the SSH library, or of the socket below it, in our words. */
export function translateSshError(error: unknown, trouble: SshTrouble): LabFault | HarnessFault {
  if (error instanceof LabFault || error instanceof HarnessFault) return error;
  const { endpoint, auth } = trouble;
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
  const { offered, identification } = trouble.offer;
  if (offered !== null && NO_COMMON.test(text)) {
    const missing = findMissing(offered, trouble.lists);
    const offers = missing.map((kind) => `${kind} ${offered[kind].join(', ')}`).join('; ');
    return new LabFault(
      'ssh-no-common-algorithm',
      `no common algorithm; the device offers ${offers.slice(0, MAX_OFFER)}`,
      {
        ...details,
        stage: 'connect',
        advice: adviseAlgorithms(offered, missing),
      },
    );
  }
  if (identification === null) {
    const advice = 'Check `reach.port`: what listens there is not SSH, or the device is still starting.';
    return new LabFault('ssh-failed', 'what answers does not speak SSH', { ...details, stage: 'connect', advice });
  }
  return new LabFault('ssh-failed', `SSH with ${identification} broke off: ${text.slice(0, MAX_TEXT)}`, {
    ...details,
    advice: 'Try `ssh -v` to the device from this machine: it shows how far the two get.',
  });
}

const NO_COMMON = /^Handshake failed: no matching (?!.*compression)/;
/** A device's own words may be in the error. */
const MAX_TEXT = 300;
const MAX_OFFER = 1500;
