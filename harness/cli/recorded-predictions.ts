import type { RecordedPrediction } from '../../reports/provider-list/predicted-rows.ts';
import { securityOf } from '../corpus/clients.ts';
import type { Recording } from '../corpus/corpus.ts';
import { offerWithin } from '../corpus/offer.ts';
import { type ClientPrediction, preparePredictionOfClient, type RecordedClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Protocol } from '../vocabulary/trial.ts';

/** One prediction for each recorded client and protocol, in their order: of its TLS, as nothing behind it is known. */
export function predictRecorded(
  recordings: readonly Recording[],
  mode: Mode,
  engine: KnownEngine,
): readonly RecordedPrediction[] {
  const prepared = new Map<Protocol, (client: RecordedClient) => ClientPrediction>();
  const predictFor = (protocol: Protocol) => {
    const predict = prepared.get(protocol) ?? preparePredictionOfClient(rulesOf(engine, protocol, mode));
    prepared.set(protocol, predict);
    return predict;
  };
  return recordings.map(({ hello, origin }): RecordedPrediction => {
    const { setting, limits, model: name } = origin;
    const { protocol, port } = setting;
    const security = securityOf(origin);
    const offers = [offerWithin(hello, limits)];
    const predicted = predictFor(protocol)({ security, port, offers, met: [] });
    const { outcome } = predicted;
    if (outcome === 'works') return { name, protocol, outcome, version: predicted.negotiated.version };
    return { name, protocol, outcome, ...('cause' in predicted ? { cause: predicted.cause } : {}) };
  });
}
