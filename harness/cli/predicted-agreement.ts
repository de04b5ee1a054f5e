import { isTrouble } from '../causes.ts';
import { clientsOf, type CorpusClient } from '../corpus/clients.ts';
import type { CorpusEntry, Met } from '../corpus/entry.ts';
import { isAsked, metOf } from '../corpus/record-run.ts';
import { type ClientPrediction, isInHello, type RecordedClient } from '../predict/predict-client.ts';
import type { ClientHello } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Protocol } from '../vocabulary/trial.ts';
import { prepareWhereKnown } from './prepare-where-known.ts';

export interface PredictedAgreement {
  /** Measured results that something was predicted of, and how many of these are the same. */
  readonly of: number;
  readonly agree: number;
  /** Results of which nothing is predicted: what decides is not in a hello. */
  readonly notPredicted: number;
  /** Of these, results whose measured cause is one that a hello shows: there should be none. */
  readonly missed: number;
  /** Both sides, a line each. */
  readonly against: readonly string[];
}

/**
 * Each measured result of recorded clients beside what is predicted for it, from their hellos and from what was
 * measured in all other modes; the result itself is not looked at. Results of modes that are not given are left out.
 */
export function comparePredictions(entries: readonly CorpusEntry[], modes: readonly Mode[]): PredictedAgreement {
  return compareClients(clientsOf(entries), prepareFor(modes));
}

/** The same of records with their settled findings, and of the hellos in them: no capture is read. Prepare it once. */
export function prepareRecordComparison(modes: readonly Mode[]): (records: readonly Record[]) => PredictedAgreement {
  const prepare = prepareFor(modes);
  return (records) => compareClients(clientsOfRecords(records, modes), prepare);
}

type MeasuredClient = Pick<CorpusClient, 'id' | 'protocol' | 'port' | 'security' | 'host' | 'offers' | 'met'>;

function compareClients(clients: readonly MeasuredClient[], prepare: Prepare): PredictedAgreement {
  const cases = clients.flatMap((client) =>
    client.met.flatMap((met) => {
      const predicted = predictWithout(client, met, prepare);
      return predicted === null ? [] : [{ client, met, predicted }];
    }),
  );
  const known = cases.filter(({ predicted }) => predicted.outcome !== 'cannot-be-predicted');
  const differing = known.filter(({ met, predicted }) => !isSame(met, predicted));
  const open = cases.filter(({ predicted }) => predicted.outcome === 'cannot-be-predicted');
  return {
    of: known.length,
    agree: known.length - differing.length,
    notPredicted: open.length,
    missed: open.filter(({ met }) => isInHello(met.cause)).length,
    against: differing.map(
      ({ client, met, predicted }) =>
        `${client.id} in ${met.mode} on ${met.engine}: measured ${nameOf(met)}; predicted ${nameOf(predicted)}`,
    ),
  };
}

/** Each attempt that said a hello, by the client as it is set up. */
function clientsOfRecords(records: readonly Record[], modes: readonly Mode[]): readonly MeasuredClient[] {
  const heard = records.filter((record) => isAsked(record) && hellosOf(record).length > 0);
  const byClient = Map.groupBy(heard, (r) => `${r.device.id}@${r.device.firmware}/${r.setting.id}/${r.scenario}`);
  return [...byClient].flatMap(([id, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const { protocol, port, security, host } = first.setting;
    const typed = host === undefined ? {} : { host };
    const hellos = [...new Map(own.flatMap(hellosOf).map((hello) => [offered(hello), hello])).values()];
    const met = own.flatMap((record) => {
      const mode = modes.find((m) => m.id === record.mode);
      return mode === undefined ? [] : [metOf(record, mode, [])];
    });
    return [{ id, protocol, port, security, ...typed, offers: hellos.map((hello) => ({ hello })), met }];
  });
}

function hellosOf({ evidence }: Record): readonly ClientHello[] {
  return evidence.wire.connections.flatMap(({ hello }) => hello ?? []);
}

/** What a server chooses by: most of a device's hellos are the same but for the name that they call. */
function offered(hello: ClientHello): string {
  return JSON.stringify({ ...hello, sni: null, lengthBytes: 0 });
}

type Predict = (client: RecordedClient) => ClientPrediction;
type Prepare = (met: Met, protocol: Protocol) => Predict | null;

/** null: nobody knows the rules of these servers. */
function prepareFor(modes: readonly Mode[]): Prepare {
  const predictFor = prepareWhereKnown();
  return ({ engine, mode: id }, protocol) => {
    const mode = modes.find((m) => m.id === id);
    return mode === undefined || engine === 'hosts' ? null : predictFor(engine, protocol, mode);
  };
}

function predictWithout(client: MeasuredClient, met: Met, prepare: Prepare): ClientPrediction | null {
  if (met.outcome === 'inconclusive' || isTrouble(met.cause)) return null;
  const predict = prepare(met, client.protocol);
  return predict?.({ ...client, met: client.met.filter((one) => one.mode !== met.mode) }) ?? null;
}

function isSame(met: Met, predicted: ClientPrediction): boolean {
  const cause = 'cause' in predicted ? predicted.cause : undefined;
  return predicted.outcome === met.outcome && cause === met.cause && met.clear !== true;
}

function nameOf(result: Met | ClientPrediction): string {
  const cause = 'cause' in result && result.cause !== undefined ? ` (${result.cause})` : '';
  const clear = 'clear' in result && result.clear === true ? ' in the clear' : '';
  return `${result.outcome}${clear}${cause}`;
}
