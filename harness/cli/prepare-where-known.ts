import { HarnessFault } from '../faults.ts';
import { type ClientPrediction, preparePredictionOfClient, type RecordedClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Protocol } from '../vocabulary/trial.ts';

/**
 * Predicts clients for one engine's servers of a mode. A mode that cannot be read whole, as a provider's own chain may lie
 * on another machine than the records, predicts nothing and says why.
 */
export function prepareWhereKnown(
  engine: KnownEngine,
  protocol: Protocol,
  mode: Mode,
): (client: RecordedClient) => ClientPrediction {
  try {
    return preparePredictionOfClient(rulesOf(engine, protocol, mode));
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    return () => ({ outcome: 'cannot-be-predicted', because: fault.message });
  }
}
