import { HarnessFault } from '../faults.ts';
import { type ClientPrediction, preparePredictionOfClient, type RecordedClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Protocol } from '../vocabulary/trial.ts';

type Predict = (client: RecordedClient) => ClientPrediction;

/**
 * Predicts clients for one engine's servers of a mode; the same servers are asked for again and again, and prepared once.
 * A mode that cannot be read whole, as a provider's own chain may lie
 * on another machine than the records, predicts nothing and says why.
 */
export function prepareWhereKnown(): (engine: KnownEngine, protocol: Protocol, mode: Mode) => Predict {
  const prepared = new Map<string, Predict>();
  return (engine, protocol, mode) => {
    const key = `${engine} ${protocol} ${mode.id}`;
    const predict = prepared.get(key) ?? prepare(engine, protocol, mode);
    prepared.set(key, predict);
    return predict;
  };
}

function prepare(engine: KnownEngine, protocol: Protocol, mode: Mode): Predict {
  try {
    return preparePredictionOfClient(rulesOf(engine, protocol, mode));
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    return () => ({ outcome: 'cannot-be-predicted', because: fault.message });
  }
}
