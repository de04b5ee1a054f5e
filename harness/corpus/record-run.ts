import type { Record } from '../vocabulary/record.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Capture } from '../wire/capture.ts';
import { walkCleartext } from '../wire/cleartext.ts';
import { bytesFrom } from '../wire/flow.ts';
import type { Recording } from './corpus.ts';
import type { Met, Origin } from './entry.ts';
import { parseRecordedHello } from './parse-recorded.ts';
import { helloId, type RecordedHello } from './recorded-hello.ts';

/** A connection whose hello was not taken, and why. */
export interface Skipped {
  readonly trial: string;
  readonly connection: number;
  readonly why: string;
}

/** The hellos of one trial's captures, with what came of it. Counter-tests give hellos and no results: no file has their mode. */
export function recordTrial(
  record: Record,
  mode: Mode,
  captures: readonly Capture[],
): { readonly recordings: readonly Recording[]; readonly skipped: readonly Skipped[] } {
  const found = new Map<string, { readonly hello: RecordedHello; readonly connections: number[] }>();
  const skipped: Skipped[] = [];
  for (const capture of captures) {
    const start = helloBytes(capture);
    if (start === null) continue;
    const parsed = parseRecordedHello(start);
    if (parsed.kind !== 'hello') {
      const why = parsed.kind === 'incomplete' ? 'the hello is cut short' : parsed.why;
      skipped.push({ trial: record.trial, connection: capture.number, why });
      continue;
    }
    const id = helloId(parsed.hello);
    const same = found.get(id) ?? { hello: parsed.hello, connections: [] };
    same.connections.push(capture.number);
    found.set(id, same);
  }
  const recordings = [...found.values()].map(({ hello, connections }) => ({
    hello,
    origin: originOf(record, isAsked(record) ? [metOf(record, mode, connections)] : []),
  }));
  return { recordings, skipped };
}

/** The client's bytes from the beginning of TLS on; null: it never came to that. */
export function helloBytes(capture: Capture): Buffer | null {
  const { flows, tlsStart } = walkCleartext(capture);
  return tlsStart.client === null ? null : bytesFrom(flows.client, tlsStart.client);
}

/** The mode of a counter-test is no one's, and a control that is refused says nothing. */
export function isAsked({ role }: Record): boolean {
  return role === 'question' || role === 'control-forgiving';
}

function originOf(record: Record, met: readonly Met[]): Origin {
  const { device, setting } = record;
  const { id, protocol, port, security, host } = setting;
  return {
    device: device.id,
    model: `${device.vendor} ${device.model}`,
    firmware: device.firmware,
    emulated: device.emulated,
    setting: { id, protocol, port, security, ...(host === undefined ? {} : { host }) },
    source: { kind: 'run', name: record.run },
    on: record.startedAt.slice(0, 10),
    met: [...met],
  };
}

/** What came of an attempt; `connections` are those that said the hello. */
export function metOf(record: Record, mode: Mode, connections: number[]): Met {
  const auth = record.evidence.server.sessions.findLast((session) => session.auth !== null)?.auth?.mechanism;
  return {
    scenario: record.scenario,
    mode: record.mode,
    engine: record.engine,
    connections,
    outcome: record.outcome,
    ...(record.cause === undefined ? {} : { cause: record.cause }),
    ...(record.encrypted === false ? { clear: true } : {}),
    certificate: 'minted' in mode.certificate ? mode.certificate.minted : 'files',
    ...(auth === undefined ? {} : { auth }),
  };
}
