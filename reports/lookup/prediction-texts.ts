import { causeText, type Language } from '../../harness/cause-texts.ts';
import { softwareOf } from '../../harness/cause-texts/software.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import { renderDay } from '../dates.ts';
import { directionsTitle } from '../device-words.ts';
import type { Schedule } from '../phase.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import type { DevicePrediction, PredictedMode, RecordingName } from './predictions.ts';
import { wordsOf } from './site/words.ts';

/** One prediction in words, for a page or a terminal: nothing here is markup. */
export interface PredictionText {
  /** Of which recordings it holds: "IE 8 Win 7; IE 9 Win 7 (Senden und Abrufen)". */
  readonly title: string;
  /** One a policy: what it is called, how the handshake would end, in which colour. */
  readonly outcomes: readonly { readonly policy: string; readonly word: OutcomeWord; readonly text: string }[];
  /** Sentences with the word for reason before them. */
  readonly reasons: readonly string[];
}

type OutcomeWord = PredictedMode['outcome'] | 'ended';

export interface Told {
  readonly kind: Device['kind'];
  readonly policies: readonly Mode[];
  readonly schedule: Schedule;
  readonly language: Language;
}

export function predictionText(prediction: DevicePrediction, told: Told): PredictionText {
  const { language, kind } = told;
  const { directions, modes, recordings } = prediction;
  return {
    title: titleOf(recordings, directionsTitle(directions, language), told),
    outcomes: modes.map((one) => outcomeText(one, told)),
    reasons: reasonsOf(modes, kind, told),
  };
}

/** Each cause once; where there are several, with the policies that it holds for. */
function reasonsOf(modes: readonly PredictedMode[], kind: Device['kind'], told: Told): readonly string[] {
  const { language } = told;
  const failing = modes.flatMap(({ mode, cause }) =>
    cause === undefined || isEnded(mode, told) ? [] : [{ mode, cause }],
  );
  const byCause = [...Map.groupBy(failing, ({ cause }) => cause)];
  return byCause.map(([cause, same]) => {
    const { what, why } = causeText(cause, kind).customer[language];
    const policies = same.map(({ mode }) => policyName(mode, told)).join(', ');
    return `${REASON[language]}${byCause.length === 1 ? '' : ` (${policies})`}: ${what} ${why}`;
  });
}

const REASON: Bilingual = { de: 'Grund', en: 'Reason' };

/** What the block is called, and what it does not say. */
export const PREDICTED: Readonly<Record<'title' | 'note', Bilingual>> = {
  title: { de: 'Aus einer Aufzeichnung berechnet, nicht getestet', en: 'Predicted from a recorded hello, not tested' },
  note: {
    de: 'Berechnet ist nur, ob eine verschlüsselte Verbindung zustande kommt. Zertifikat, Anmeldung und die E-Mail selbst lassen sich so nicht prüfen.',
    en: 'Predicted is only whether an encrypted connection is made. Certificate, login and the mail itself cannot be checked this way.',
  },
};

/** Where the recordings of a device come from: a sentence for each origin and day. */
export function recordingSources(
  predictions: readonly DevicePrediction[],
  { kind, language }: Told,
): readonly string[] {
  const sentences = predictions
    .flatMap(({ recordings }) => recordings)
    .map((recording) => {
      const origin = ORIGINS[recording.kind][language](renderDay(recording.on, language));
      return recording.kind === 'testssl' && kind === 'os' ? `${origin} ${STANDS_FOR[language]}` : origin;
    });
  return [...new Set(sentences)];
}

function outcomeText({ mode, outcome }: PredictedMode, told: Told): PredictionText['outcomes'][number] {
  const word = isEnded(mode, told) ? 'ended' : outcome;
  return { policy: policyName(mode, told), word, text: OUTCOMES[word][told.language] };
}

function policyName(mode: string, { language, policies }: Told): string {
  return wordsOf(language).policies[mode] ?? policies.find(({ id }) => id === mode)?.name[language] ?? mode;
}

function isEnded(mode: string, { schedule }: Told): boolean {
  return mode === 'legacy' && schedule.legacyEnded;
}

const OUTCOMES: Readonly<Record<OutcomeWord, Bilingual>> = {
  works: { de: 'Verbindung kommt zustande', en: 'connection is made' },
  fails: { de: 'Verbindung kommt nicht zustande', en: 'no connection is made' },
  'cannot-be-predicted': { de: 'lässt sich nicht berechnen', en: 'cannot be predicted' },
  ended: { de: 'beendet', en: 'ended' },
};

function titleOf(recordings: readonly RecordingName[], directions: string, told: Told): string {
  const names = [...new Set(recordings.flatMap((one) => nameOf(one, told) ?? []))];
  return names.length === 0 ? directions : `${names.join('; ')} (${directions})`;
}

function nameOf(recording: RecordingName, { kind, language }: Told): string | undefined {
  const { name, firmware, port, security } = recording;
  if (name !== undefined) return name;
  const version = softwareOf(kind) === null ? 'Firmware' : 'Version';
  const parts = [
    ...(firmware === undefined || firmware === 'unknown' ? [] : [`${version} ${firmware}`]),
    ...(security === undefined ? [] : [`${SHORT_SECURITY[security][language]} ${port ?? ''}`.trim()]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

type Origins = Readonly<Record<RecordingName['kind'], Readonly<Record<Language, (day: string) => string>>>>;

const ORIGINS: Origins = {
  testssl: {
    de: (day) => `Herkunft der Aufzeichnung: Liste von testssl.sh, Stand ${day}.`,
    en: (day) => `Origin of the recording: the list of testssl.sh, as of ${day}.`,
  },
  run: {
    de: (day) => `Herkunft der Aufzeichnung: unser Testlauf vom ${day}.`,
    en: (day) => `Origin of the recording: our test run of ${day}.`,
  },
  capture: {
    de: (day) => `Herkunft der Aufzeichnung: ein Netzwerkmitschnitt vom ${day}.`,
    en: (day) => `Origin of the recording: a network capture of ${day}.`,
  },
  list: {
    de: (day) => `Herkunft der Aufzeichnung: eine Liste vom ${day}.`,
    en: (day) => `Origin of the recording: a list of ${day}.`,
  },
};

const STANDS_FOR: Bilingual = {
  de: 'Der Browser steht für die Verschlüsselung seines Systems; ein Mailprogramm kann anders eingestellt sein.',
  en: 'The browser stands for the encryption of its system; a mail program may be set differently.',
};
