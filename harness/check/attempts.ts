import { judge } from '../judge.ts';
import type { ServerEvidence } from '../vocabulary/evidence.ts';
import type { Finding } from '../vocabulary/finding.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import type { Endpoint, Security } from '../vocabulary/trial.ts';
import type { Seen } from './read-visit.ts';

/** Connections of one device to one port, shortly after one another: a device's retries are one attempt. */
export interface Attempt {
  readonly id: string;
  readonly endpoint: Endpoint;
  /** Of the source that they all came from. */
  readonly source: string;
  /** In order of arrival, at most `KEPT_CONNECTIONS`. */
  readonly seen: readonly Seen[];
  /** Also those that were not kept. */
  readonly connections: number;
}

/** Adds what was seen to the attempt that it belongs to, or begins one. */
export function addSeen(attempts: readonly Attempt[], seen: Seen): readonly Attempt[] {
  const known = attempts.find((a) => a.seen.some((s) => s.number === seen.number));
  if (known !== undefined) {
    const updated = { ...known, seen: known.seen.map((s) => (s.number === seen.number ? seen : s)) };
    return attempts.map((a) => (a === known ? updated : a));
  }
  const last = attempts.findLast((a) => a.source === seen.source.key && a.endpoint.port === seen.endpoint.port);
  const lastMs = last?.seen.at(-1)?.startedAtMs;
  if (last === undefined || lastMs === undefined || seen.startedAtMs - lastMs > RETRY_MS || hasWorked(last)) {
    const id = `a-${seen.number}`;
    return [...attempts, { id, endpoint: seen.endpoint, source: seen.source.key, seen: [seen], connections: 1 }];
  }
  const more = { ...last, seen: [...last.seen, seen].slice(-KEPT_CONNECTIONS), connections: last.connections + 1 };
  return attempts.map((a) => (a === last ? more : a));
}

/** As any question of a run is judged; only the setting is not known, and so read from what came. */
export function judgeAttempt(attempt: Attempt, mode: Mode, unspoken: ServerEvidence['unspoken']): Finding {
  const { endpoint } = attempt;
  const sessions = attempt.seen.flatMap((s) => s.session ?? []);
  const security = guessSecurity(attempt);
  return judge(
    {
      role: 'question',
      direction: endpoint.protocol === 'smtp' ? 'send' : 'fetch',
      setting: { id: `${security}-${endpoint.port}`, protocol: endpoint.protocol, port: endpoint.port, security },
      endpoint,
      trust: 'none',
      evidence: {
        wire: { connections: attempt.seen.map((s) => s.connection) },
        server: { sessions, arrived: sessions.flatMap((s) => s.delivered).length, unspoken, trouble: null },
        device: { said: 'nothing', text: '', exitCode: null, trouble: null },
      },
    },
    mode,
  );
}

/** The best that it offered: a retry with an older version must not hide what the device can do. */
export function offeredBy({ seen }: Attempt): string | null {
  const versions = seen.flatMap((s) => s.connection.hello?.maxVersion ?? []);
  return versions.sort(compareVersions).at(-1) ?? null;
}

export function hasWorked({ seen }: Attempt): boolean {
  return seen.some(({ session }) => session !== null && (session.delivered.length > 0 || session.fetched));
}

/** Longer than any device waits between its own tries of one press, shorter than a person needs to change a setting. */
const RETRY_MS = 25_000;
const KEPT_CONNECTIONS = 12;

/** STARTTLS was offered: who never asked for it is not set to it. */
function guessSecurity({ endpoint, seen }: Attempt): Security {
  if (endpoint.tls === 'implicit') return 'implicit';
  const asked = seen.some(({ connection: c }) => c.starttls !== 'not-asked' || c.hello !== null);
  return asked ? 'starttls' : 'opportunistic';
}
