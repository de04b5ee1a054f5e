import type { Connection } from '../vocabulary/evidence.ts';
import type { Finding } from '../vocabulary/finding.ts';
import type { Judged } from './finding.ts';
import { fails } from './finding.ts';

/**
 * A firewall that inspects SMTP overwrites the commands that it does not know with as many X's, and passes them on; the
 * server sees them where STARTTLS should stand (Cisco PIX and ASA: "fixup protocol smtp", "inspect esmtp"). No program
 * sends such a line by itself. Only this is proof: a device that never asks for TLS looks the same whether it cannot or
 * whether the offer was taken out on its way (RFC 3207 section 6), so that is never called an interception.
 */
export function readInterception({ dialogue }: Connection, { endpoint, setting }: Judged): Finding | null {
  if (endpoint.protocol !== 'smtp' || setting.security === 'plaintext') return null;
  const offered = dialogue.findIndex((l) => l.from === 'server' && /^250[- ]STARTTLS\b/i.test(l.text));
  if (offered < 0) return null;
  const masked = dialogue.findIndex((l, at) => at > offered && l.from === 'client' && /^X{8}$/.test(l.text));
  if (masked < 0) return null;
  const answer = dialogue.find((l, at) => at > masked && l.from === 'server');
  return fails(
    'intercepted',
    'The server offered STARTTLS, and XXXXXXXX arrived in its place: a box between device and server overwrote it.',
    answer === undefined ? 'The server did not answer it.' : `The server answered: ${answer.text}`,
  );
}
