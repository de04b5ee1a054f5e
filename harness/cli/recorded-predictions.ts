import type { RecordedPrediction } from '../../reports/provider-list/predicted-rows.ts';
import { securityOf } from '../corpus/clients.ts';
import type { Recording } from '../corpus/corpus.ts';
import { offerWithin } from '../corpus/offer.ts';
import { preparePredictionOfClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';

/** One prediction for each recorded client and protocol, in their order: of its TLS, as nothing behind it is known. */
export function predictRecorded(
  recordings: readonly Recording[],
  mode: Mode,
  engine: KnownEngine,
): readonly RecordedPrediction[] {
  return recordings.map(({ hello, origin }): RecordedPrediction => {
    const { setting, limits, model: name } = origin;
    const { protocol, port } = setting;
    const security = securityOf(origin);
    const offers = [offerWithin(hello, limits)];
    const predicted = preparePredictionOfClient(rulesOf(engine, protocol, mode))({ security, port, offers, met: [] });
    const { outcome } = predicted;
    if (outcome === 'works') return { name, protocol, outcome, version: predicted.negotiated.version };
    return { name, protocol, outcome, ...('cause' in predicted ? { cause: predicted.cause } : {}) };
  });
}
