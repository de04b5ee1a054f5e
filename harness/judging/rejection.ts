import type { Connection, ServerSession } from '../vocabulary/evidence.ts';
import type { Cause, Finding } from '../vocabulary/finding.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { endOf, fails, type Judged } from './finding.ts';

/** Alerts with which a client names its trouble with a certificate (RFC 5246 section 7.2.2). */
const CERTIFICATE_ALERTS: { readonly [number: number]: readonly Cause[] } = {
  42: ['certificate-name', 'certificate-dates', 'certificate-untrusted', 'certificate-key'],
  43: ['certificate-key'],
  44: ['certificate-untrusted'],
  45: ['certificate-dates'],
  46: ['certificate-name', 'certificate-dates', 'certificate-untrusted'],
  48: ['certificate-untrusted'],
};
/** GnuTLS and Node close without an alert whatever they dislike (measured), so all of these look alike. */
export const SILENT_CANDIDATES: readonly Cause[] = ['certificate-name', 'certificate-dates', 'certificate-untrusted'];

/** Why a client left once it had seen the certificate. */
export function readRejection(
  connection: Connection,
  session: ServerSession | null,
  trial: Judged,
  mode: Mode,
): Finding {
  const seen = connection.alerts.find((a) => a.from === 'client' && a.level !== 'warning' && a.number !== null);
  const number = seen?.number ?? session?.alertNumber ?? null;
  const named = number === null ? endOf(connection) : `It sent alert ${number} after the certificate.`;
  // Only a client that left by itself can have disliked what it saw.
  if (number === null && connection.ended.by !== 'client') return fails('connection-dropped', named);
  const candidates = number === null ? SILENT_CANDIDATES : CERTIFICATE_ALERTS[number];
  // Any other alert is about the handshake itself, e.g. 71 for a DH group that is too small for it.
  if (candidates === undefined) return fails('connection-dropped', named);
  const [only] = candidates;
  const finding: Finding =
    candidates.length === 1 && only !== undefined
      ? fails(only, named)
      : { ...fails('connection-dropped', named), candidates: [...candidates] };
  return allowForLabRoot(finding, candidates, trial, mode);
}

/** Not trusting the lab's root proves nothing where the device was never given it. */
export function allowForLabRoot(finding: Finding, candidates: readonly Cause[], trial: Judged, mode: Mode): Finding {
  if (!candidates.includes('certificate-untrusted') || isKnownRoot(trial, mode)) return finding;
  const because = 'The lab certificate comes from a root that this device was not given.';
  return { ...finding, outcome: 'inconclusive', because: [...finding.because, because] };
}

/** Whether not trusting the served chain would be the device's own failure. */
function isKnownRoot(trial: Judged, mode: Mode): boolean {
  // Servers that exist show the provider's own chain, whatever the mode mints elsewhere.
  const exists = trial.evidence.server.mailboxOnly !== undefined;
  return trial.trust === 'run-ca' || 'files' in mode.certificate || exists;
}
