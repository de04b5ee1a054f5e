import { isTrouble } from '../causes.ts';
import { clientsOf, type CorpusClient } from '../corpus/clients.ts';
import type { CorpusEntry, Met } from '../corpus/entry.ts';
import { type ClientPrediction, isInHello, preparePredictionOfClient } from '../predict/predict-client.ts';
import { rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';

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
  const cases = clientsOf(entries).flatMap((client) =>
    client.met.flatMap((met) => {
      const predicted = predictWithout(client, met, modes);
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

function predictWithout(client: CorpusClient, met: Met, modes: readonly Mode[]): ClientPrediction | null {
  const mode = modes.find(({ id }) => id === met.mode);
  if (mode === undefined || met.engine === 'hosts' || met.outcome === 'inconclusive' || isTrouble(met.cause))
    return null;
  const predict = preparePredictionOfClient(rulesOf(met.engine, client.protocol, mode));
  return predict({ ...client, met: client.met.filter((one) => one.mode !== met.mode) });
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
