import type { Alert, Side } from '../vocabulary/evidence.ts';
import type { SidedRecord } from './tls-records.ts';

export interface Tls13Estimate {
  readonly finished: boolean;
  readonly alerts: readonly Alert[];
  readonly applicationBytes: Readonly<Record<Side, number>>;
}

/**
 * What the encrypted records after a TLS 1.3 ServerHello probably are, told by length and order alone. The rules and
 * their limits stand in README.md, "TLS 1.3".
 */
export function estimateTls13(records: readonly SidedRecord[], suite: string, isImplicit: boolean): Tls13Estimate {
  const sizes = sizesFor(suite);
  const finishedAt = records.findIndex((r) => r.from === 'client' && r.length >= sizes.finished);
  const finished = finishedAt >= 0;
  const lastOf = { client: lastFrom(records, 'client'), server: lastFrom(records, 'server') };
  const isAlert = (record: SidedRecord, i: number) =>
    record.length === sizes.alert &&
    (i === lastOf[record.from] || (record.from === 'client' && (!finished || i < finishedAt)));
  const after = finished ? records.slice(finishedAt + 1).filter((r, i) => !isAlert(r, finishedAt + 1 + i)) : [];
  const tickets = new Set(ticketsAmong(after, isImplicit));
  const bytes = (side: Side) =>
    after.filter((r) => r.from === side && !tickets.has(r)).reduce((sum, r) => sum + r.length, 0);
  return {
    finished,
    alerts: records.filter(isAlert).map(({ from, atMs }) => ({ from, level: null, number: null, name: null, atMs })),
    applicationBytes: { client: bytes('client'), server: bytes('server') },
  };
}

/** Payload sizes: content, one byte of content type, the tag of the AEAD (RFC 8446 section 5.2). */
function sizesFor(suite: string): { readonly alert: number; readonly finished: number } {
  const overhead = 1 + (suite.includes('CCM_8') ? 8 : 16);
  const hash = suite.endsWith('SHA384') ? 48 : 32;
  return { alert: 2 + overhead, finished: 4 + hash + overhead };
}

function lastFrom(records: readonly SidedRecord[], side: Side): number {
  return records.findLastIndex((r) => r.from === side);
}

/**
 * Session tickets come between the client's Finished and its first data. On a STARTTLS connection the server has
 * nothing else to say then. On an implicit one it greets too, before or behind them (Node's OpenSSL 3.5 was seen to
 * greet first): neighbours of one length are a pair of tickets; where there is no pair, the shortest is the greeting.
 */
function ticketsAmong(after: readonly SidedRecord[], isImplicit: boolean): readonly SidedRecord[] {
  const firstClient = after.findIndex((r) => r.from === 'client');
  const early = firstClient < 0 ? after : after.slice(0, firstClient);
  if (!isImplicit) return early;
  const pairs = early.filter((r, i) => r.length === early[i - 1]?.length || r.length === early[i + 1]?.length);
  if (pairs.length > 0) return pairs;
  const shortest = Math.min(...early.map((r) => r.length));
  return early.filter((r) => r.length !== shortest);
}
