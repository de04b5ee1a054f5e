import { describe, expect, test } from 'vitest';
import { isTrouble } from '../causes.ts';
import { clientsOf, type CorpusClient } from '../corpus/clients.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import type { Met } from '../corpus/entry.ts';
import { readModes } from '../modes/read-mode.ts';
import { type ClientPrediction, isInHello, preparePredictionOfClient } from '../predict/predict-client.ts';
import { rulesOf } from './rules-of.ts';

const MODES = readModes(['today', 'strict', 'legacy', 'forgiving']);
const CLIENTS = clientsOf(readCorpus([PACKAGED_CORPUS]));

interface Case {
  readonly client: CorpusClient;
  readonly met: Met;
  readonly predicted: ClientPrediction;
}

/** Each measured result of the fleets, predicted from the hellos and from what was measured in all other modes. */
const CASES: readonly Case[] = CLIENTS.flatMap((client) =>
  client.met
    .filter(({ cause, outcome }) => !isTrouble(cause) && outcome !== 'inconclusive')
    .map((met) => {
      const mode = MODES.find(({ id }) => id === met.mode);
      if (mode === undefined || met.engine === 'hosts') throw new Error(`no rules for ${met.mode} on ${met.engine}`);
      const predict = preparePredictionOfClient(rulesOf(met.engine, client.protocol, mode));
      const others = client.met.filter((one) => one.mode !== met.mode);
      return { client, met, predicted: predict({ ...client, met: others }) };
    }),
);

const nameOf = ({ client, met }: Case) => `${client.id} in ${met.mode} on ${met.engine}`;

describe('what was measured of the fleets is what is predicted from their hellos', () => {
  test('both fleets, both engines and four modes are among the cases', () => {
    for (const part of [/^emu-/, /^lab-/]) {
      const own = CASES.filter(({ client }) => part.test(client.device));
      expect(own.length).toBeGreaterThan(80);
      for (const { id } of MODES) expect(own.some(({ met }) => met.mode === id)).toBe(true);
    }
    for (const engine of ['embedded', 'containers']) expect(CASES.some(({ met }) => met.engine === engine)).toBe(true);
  });

  test('no prediction contradicts a measurement', () => {
    const wrong = CASES.filter(({ met, predicted }) => {
      if (predicted.outcome === 'cannot-be-predicted') return false;
      const cause = 'cause' in predicted ? predicted.cause : undefined;
      return predicted.outcome !== met.outcome || cause !== met.cause || met.clear === true;
    });
    expect(
      wrong.map((c) => `${nameOf(c)}: measured ${c.met.outcome} ${c.met.cause}; ${JSON.stringify(c.predicted)}`),
    ).toEqual([]);
  });

  test('whatever is in the hello is predicted', () => {
    const inHello = CASES.filter(({ met }) => isInHello(met.cause));
    expect(inHello.length).toBeGreaterThan(80);
    const missed = inHello.filter(({ predicted }) => predicted.outcome === 'cannot-be-predicted');
    expect(missed.map(nameOf)).toEqual([]);
  });

  test('what is not in the hello is never given a cause of the hello', () => {
    const behind = CASES.filter(({ met }) => met.cause !== undefined && !isInHello(met.cause));
    expect(new Set(behind.map(({ met }) => met.cause)).size).toBeGreaterThan(4);
    const guessed = behind.filter(({ predicted }) => predicted.outcome !== 'cannot-be-predicted');
    expect(guessed.map(nameOf)).toEqual([]);
  });

  test('most of what works is predicted to work', () => {
    const working = CASES.filter(({ met }) => met.outcome === 'works' && met.clear !== true);
    expect(working.length).toBeGreaterThan(100);
    // The rest logs in with what other modes do not have, so that no other mode shows how that ends.
    const unknown = working.filter(({ predicted }) => predicted.outcome !== 'works');
    expect(unknown.length, unknown.map(nameOf).join('\n')).toBeLessThan(working.length / 20);
  });
});
