import { join } from 'node:path';
import type {
  DevicePrediction,
  PredictedMode,
  PredictionsOf,
  RecordingName,
} from '../../reports/lookup/predictions.ts';
import { devicesOfRecording } from '../../reports/provider-list/recorded-clients.ts';
import { PACKAGED_CORPUS, readCorpus, type Recording } from '../corpus/corpus.ts';
import { securityOf } from '../corpus/clients.ts';
import { originKey } from '../corpus/entry.ts';
import { offerWithin } from '../corpus/offer.ts';
import { HarnessFault } from '../faults.ts';
import type { ClientPrediction, RecordedClient } from '../predict/predict-client.ts';
import type { KnownEngine } from '../replay/rules-of.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { DIRECTIONS, type Protocol } from '../vocabulary/trial.ts';
import { readInstalledTestssl } from './installed-testssl.ts';
import { prepareWhereKnown } from './prepare-where-known.ts';

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
export function readPredictions(
  out: string,
  policies: readonly Mode[],
  devices: readonly Device[] = [],
): PredictionsOf {
  try {
    return predictDevices(readRecordings(out), policies, devices);
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    console.error(`cutover: nothing is predicted from recorded hellos: ${fault.message}`);
    return {};
  }
}

/**
 * What the hellos of devices say of these policies, by device: how the handshake would end, as far as a hello decides.
 * What was measured behind a hello stays out of it, so that nobody takes a prediction for a measurement.
 *
 * @param devices A container of the lab that runs a program of the catalogue as it is speaks for that program, too.
 */
export function predictDevices(
  recordings: readonly Recording[],
  policies: readonly Mode[],
  devices: readonly Device[] = [],
): PredictionsOf {
  const programs = new Map(devices.flatMap((lab) => (lab.program === undefined ? [] : [[lab.id, lab] as const])));
  const clients = [...Map.groupBy(recordings, ({ origin }) => originKey(origin)).values()];
  const predict = preparePolicies(policies.filter(({ purpose }) => purpose === 'policy'));
  const predicted = clients.flatMap((client) => {
    const [first] = client;
    if (first === undefined) return [];
    const { origin } = first;
    const subjects = [...subjectsOf(first), ...programOf(first, programs)];
    if (subjects.length === 0) return [];
    const { protocol } = origin.setting;
    const one = {
      direction: protocol === 'smtp' ? ('send' as const) : ('fetch' as const),
      modes: predict(protocol, client),
    };
    return subjects.map((subject) => ({ ...subject, ...one }));
  });
  const byDevice = Map.groupBy(predicted, ({ device }) => device);
  return Object.fromEntries([...byDevice].map(([device, own]) => [device, mergeSame(own)]));
}

/** Whom a recording speaks for, and what it is called there. */
interface Subject {
  readonly device: string;
  readonly recording: RecordingName;
}

function subjectsOf({ origin }: Recording): readonly Subject[] {
  const { source, on, model, firmware, setting, device } = origin;
  const from = { kind: source.kind, on };
  if (source.kind === 'testssl')
    return devicesOfRecording(model).map((id) => ({ device: id, recording: { ...from, name: model } }));
  return [{ device, recording: { ...from, firmware, port: setting.port, security: setting.security } }];
}

/** Its version stands in `stack`: "GnuTLS 3.7 (msmtp 1.8.23, mpop 1.4.18)". */
function programOf({ origin }: Recording, programs: ReadonlyMap<string, Device>): readonly Subject[] {
  const lab = programs.get(origin.device);
  const name = lab?.firmware.find(({ version }) => version === origin.firmware)?.stack;
  if (lab?.program === undefined || lab.reach?.driver !== 'container' || name === undefined) return [];
  return [{ device: lab.program, recording: { kind: origin.source.kind, on: origin.on, name } }];
}

function preparePolicies(policies: readonly Mode[]) {
  const predictFor = prepareWhereKnown();
  return (protocol: Protocol, recordings: readonly Recording[]): readonly PredictedMode[] => {
    const client = clientOf(recordings);
    return policies.map((mode) => {
      const elsewhere = client.met.filter((one) => one.mode !== mode.id);
      return plainly(mode.id, predictFor(ENGINE, protocol, mode)({ ...client, met: elsewhere }));
    });
  };
}

/** Of what it met only that it went on in the clear: that is what it may do again. */
function clientOf(recordings: readonly Recording[]): RecordedClient {
  const offers = recordings.map(({ hello, origin: { limits } }) => offerWithin(hello, limits));
  const met = recordings.flatMap(({ origin }) => origin.met).filter((one) => one.clear === true);
  const origin = recordings[0]?.origin;
  return { security: origin === undefined ? 'implicit' : securityOf(origin), port: origin?.setting.port, offers, met };
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
    const directions = DIRECTIONS.filter((one) => same.some(({ direction }) => direction === one));
    return [{ directions, recordings: [first.recording], modes: first.modes }];
  });
  const bySame = Map.groupBy(each, ({ directions, modes }) => JSON.stringify([directions, modes]));
  return [...bySame.values()].flatMap((same): readonly DevicePrediction[] => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, recordings: same.flatMap(({ recordings }) => recordings) }];
  });
}
