import type { Connection, Evidence, ServerSession } from '../vocabulary/evidence.ts';
import type { Cause, Finding } from '../vocabulary/finding.ts';
import type { Direction, Endpoint, Role, Setting } from '../vocabulary/trial.ts';

/** What judging may see of a trial: no id, no name, no expectation. */
export interface Judged {
  readonly role: Role;
  readonly direction: Direction;
  readonly setting: Setting;
  readonly endpoint: Endpoint;
  readonly trust: string;
  readonly evidence: Evidence;
}

export function fails(cause: Cause, ...because: readonly string[]): Finding {
  return { outcome: 'fails', cause, because: [...because] };
}

export function inconclusive(cause: Cause, ...because: readonly string[]): Finding {
  return { outcome: 'inconclusive', cause, because: [...because] };
}

/** How the server refused: by alert, by its log, or by closing. */
export function answerOf(connection: Connection, session: ServerSession | null): string {
  const alert = connection.alerts.find((a) => a.from === 'server' && a.number !== null);
  if (alert !== undefined) return `The server answered with alert ${alert.number} (${alert.name}).`;
  if (session !== null && session.alertNumber !== null) return `The server's log names alert ${session.alertNumber}.`;
  return endOf(connection);
}

/** Who ended the connection, as a sentence. */
export function endOf({ ended }: Connection): string {
  if (ended.how === 'open') return 'The connection was still open when the trial ended.';
  return `The ${ended.by} ended the connection (${ended.how}).`;
}
