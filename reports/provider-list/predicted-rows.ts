import type { Language } from '../../harness/cause-texts.ts';
import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Bilingual, Protocol } from '../../harness/vocabulary/trial.ts';
import type { ProviderList } from './provider-list.ts';
import { devicesOfRecording } from './recorded-clients.ts';

/** What is predicted of one recorded client in the strict mode. Never measured, and never counted as such. */
export interface RecordedPrediction {
  readonly name: string;
  readonly protocol: Protocol;
  readonly outcome: 'works' | 'fails' | 'not-run' | 'cannot-be-predicted';
  readonly cause?: Cause;
  readonly version?: string;
}

export interface PredictedRow {
  readonly row: ProviderList['rows'][number];
  /** Clients of what the row covers. */
  readonly covered: readonly RecordedPrediction[];
  /** Clients of what it leaves out. */
  readonly older: readonly RecordedPrediction[];
  /** Of the covered ones something is predicted for so many, */
  readonly of: number;
  /** and for so many what the row claims: that they work. */
  readonly agree: number;
}

/** Predictions beside measurements: how far they can be trusted. */
export interface MeasuredAgreement {
  readonly of: number;
  readonly agree: number;
}

/** Lays the predictions beside the provider's list. Rows of which no client was recorded have empty lists. Pure. */
export function predictRows(list: ProviderList, predictions: readonly RecordedPrediction[]): readonly PredictedRow[] {
  return list.rows.map((row) => {
    const covered = [row.device, ...row.also.map(({ device }) => device)];
    const of = (devices: readonly string[]) =>
      predictions.filter(({ name }) => devicesOfRecording(name).some((device) => devices.includes(device)));
    const own = of(covered);
    const known = own.filter(({ outcome }) => outcome === 'works' || outcome === 'fails');
    const agree = known.filter(({ outcome }) => outcome === 'works').length;
    return { row, covered: own, older: of(row.older), of: known.length, agree };
  });
}

/** For a terminal: a line a client, with what it stands on and how far such predictions were right. */
export function renderPredictedRows(
  rows: readonly PredictedRow[],
  agreement: MeasuredAgreement,
  language: Language,
): string {
  const { agree, of } = agreement;
  const head = {
    de: `Berechnet aus Aufzeichnungen, die bei testssl.sh installiert sind; nicht getestet. Meist stammen sie von Browsern und stehen für die TLS-Bibliothek ihres Systems, in der Grundeinstellung des Browsers. Wo beides vorliegt, stimmen Berechnung und Test überein: ${agree} von ${of}.`,
    en: `Predicted from recordings that are installed with testssl.sh; not tested. Most are of browsers and stand for the TLS library of their system, as the browser sets it. Where there are both, prediction and test agree: ${agree} of ${of}.`,
  }[language];
  const blocks = rows
    .filter(({ covered, older }) => covered.length + older.length > 0)
    .map(({ row, covered, older, ...counts }) =>
      [
        `${row.says[language]}: ${AS_LISTED[language](counts)}`,
        ...covered.map((one) => `  ${renderOne(one, language)}`),
        ...older.map((one) => `  ${OLDER[language]}: ${renderOne(one, language)}`),
      ].join('\n'),
    );
  return [head, ...blocks].join('\n\n');
}

type Counts = Pick<PredictedRow, 'of' | 'agree'>;

const AS_LISTED: Readonly<Record<Language, (counts: Counts) => string>> = {
  de: ({ agree, of }) => (of === 0 ? 'nicht zu berechnen' : `${agree} von ${of} Berechnungen wie die Liste`),
  en: ({ agree, of }) => (of === 0 ? 'cannot be predicted' : `${agree} of ${of} predictions agree with the list`),
};

const OLDER: Bilingual = { de: 'nicht auf der Liste', en: 'not on the list' };

function renderOne({ name, protocol, outcome, cause, version }: RecordedPrediction, language: Language): string {
  const act = { smtp: { de: 'Senden', en: 'sending' }, imap: IMAP, pop3: IMAP }[protocol][language];
  const result =
    outcome === 'works'
      ? { de: `TLS kommt zustande (TLS ${version ?? ''})`, en: `the handshake succeeds (TLS ${version ?? ''})` }
      : outcome === 'fails'
        ? { de: `TLS scheitert (${cause ?? ''})`, en: `the handshake fails (${cause ?? ''})` }
        : { de: 'nicht zu berechnen', en: 'cannot be predicted' };
  return `${name}, ${act}: ${result[language]}`;
}

const IMAP: Bilingual = { de: 'Abrufen', en: 'fetching' };
