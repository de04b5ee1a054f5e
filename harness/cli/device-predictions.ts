import { join } from 'node:path';
import type {
  DevicePrediction,
  PredictedMode,
  PredictionsOf,
  RecordingName,
} from '../../reports/lookup/predictions.ts';
import { devicesOfRecording } from '../../reports/provider-list/recorded-clients.ts';
import { PACKAGED_CORPUS, readCorpus, type Recording } from '../corpus/corpus.ts';
import { originKey } from '../corpus/entry.ts';
import { offerOf } from '../corpus/offer.ts';
import { HarnessFault } from '../faults.ts';
import { type ClientPrediction, preparePredictionOfClient, type RecordedClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Protocol } from '../vocabulary/trial.ts';
import { readInstalledTestssl } from './installed-testssl.ts';

/** The software that most providers run. */
const ENGINE: KnownEngine = 'containers';

/**
 * Reads what an answer may predict from: the packaged recordings, those of `out/corpus`, and the list of a testssl.sh
 * that is installed here. Throws HarnessFault for a recording that is not sound.
 */
export function readRecordings(out: string): readonly Recording[] {
  const kept = readCorpus([PACKAGED_CORPUS, join(out, 'corpus')]);
  const listed = readInstalledTestssl()?.recordings ?? [];
  return [...kept.flatMap(({ hello, seen }) => seen.map((origin) => ({ hello, origin }))), ...listed];
}

/** The same for reports, which are worth more than what is predicted in them: a recording that is not sound leaves all out. */
export function readPredictions(out: string, policies: readonly Mode[]): PredictionsOf {
  try {
    return predictDevices(readRecordings(out), policies);
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    console.error(`cutover: nothing is predicted from recorded hellos: ${fault.message}`);
    return {};
  }
}

/**
 * What the hellos of devices say of these policies, by device: how the handshake would end, as far as a hello decides.
 * What was measured behind a hello stays out of it, so that nobody takes a prediction for a measurement.
 */
export function predictDevices(recordings: readonly Recording[], policies: readonly Mode[]): PredictionsOf {
  const clients = [...Map.groupBy(recordings, ({ origin }) => originKey(origin)).values()];
  const predict = preparePolicies(policies.filter(({ purpose }) => purpose === 'policy'));
  const predicted = clients.flatMap((client) => {
    const [first] = client;
    if (first === undefined) return [];
    const { origin } = first;
    const devices = origin.source.kind === 'testssl' ? devicesOfRecording(origin.model) : [origin.device];
    if (devices.length === 0) return [];
    const { protocol } = origin.setting;
    const one = {
      direction: protocol === 'smtp' ? ('send' as const) : ('fetch' as const),
      recording: nameOf(first),
      modes: predict(protocol, client),
    };
    return devices.map((device) => ({ device, ...one }));
  });
  const byDevice = Map.groupBy(predicted, ({ device }) => device);
  return Object.fromEntries([...byDevice].map(([device, own]) => [device, mergeSame(own)]));
}

function nameOf({ origin: { source, on, model, firmware, setting } }: Recording): RecordingName {
  const from = { kind: source.kind, on };
  if (source.kind === 'testssl') return { ...from, name: model };
  return { ...from, firmware, port: setting.port, security: setting.security };
}

function preparePolicies(policies: readonly Mode[]) {
  const prepared = new Map<string, (client: RecordedClient) => ClientPrediction>();
  return (protocol: Protocol, recordings: readonly Recording[]): readonly PredictedMode[] => {
    const client = clientOf(recordings);
    return policies.map((mode) => {
      const key = `${protocol} ${mode.id}`;
      const predict = prepared.get(key) ?? preparePolicy(protocol, mode);
      prepared.set(key, predict);
      const elsewhere = client.met.filter((one) => one.mode !== mode.id);
      return plainly(mode.id, predict({ ...client, met: elsewhere }));
    });
  };
}

function preparePolicy(protocol: Protocol, mode: Mode): (client: RecordedClient) => ClientPrediction {
  try {
    return preparePredictionOfClient(rulesOf(ENGINE, protocol, mode));
  } catch (fault) {
    // A provider's own chain, which may lie on another machine than the records.
    if (!(fault instanceof HarnessFault)) throw fault;
    return () => ({ outcome: 'cannot-be-predicted', because: fault.message });
  }
}

/** Of what it met only that it went on in the clear: that is what it may do again. */
function clientOf(recordings: readonly Recording[]): RecordedClient {
  const offers = recordings.map(({ hello, origin: { limits } }) => {
    const offer = offerOf(hello);
    return limits === undefined ? offer : { ...offer, limits };
  });
  const met = recordings.flatMap(({ origin }) => origin.met).filter((one) => one.clear === true);
  return { security: recordings[0]?.origin.setting.security ?? 'implicit', offers, met };
}

function plainly(mode: string, predicted: ClientPrediction): PredictedMode {
  const { outcome } = predicted;
  if (outcome === 'works') return { mode, outcome };
  if (outcome === 'fails') return { mode, outcome, cause: predicted.cause };
  return { mode, outcome: 'cannot-be-predicted' };
}

interface One {
  readonly direction: DevicePrediction['directions'][number];
  readonly recording: RecordingName;
  readonly modes: readonly PredictedMode[];
}

/** First the directions of a recording, then recordings, as far as the same holds of them. */
function mergeSame(predicted: readonly One[]): readonly DevicePrediction[] {
  const byRecording = Map.groupBy(predicted, ({ recording, modes }) => JSON.stringify([recording, modes]));
  const each = [...byRecording.values()].flatMap((same): readonly DevicePrediction[] => {
    const [first] = same;
    if (first === undefined) return [];
    const directions = [...new Set(same.map(({ direction }) => direction))];
    return [{ directions, recordings: [first.recording], modes: first.modes }];
  });
  const bySame = Map.groupBy(each, ({ directions, modes }) => JSON.stringify([directions, modes]));
  return [...bySame.values()].flatMap((same): readonly DevicePrediction[] => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, recordings: same.flatMap(({ recordings }) => recordings) }];
  });
}
