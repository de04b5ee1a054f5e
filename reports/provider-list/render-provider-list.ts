import type { Language } from '../../harness/cause-texts.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import { renderDay } from '../dates.ts';
import type { CheckedRow, Evidence, Subject } from './check-provider-list.ts';
import type { MeasuredAgreement, PredictedRow } from './predicted-rows.ts';
import type { ProviderList } from './provider-list.ts';

/** The checked list as text for a terminal: each row with its evidence and the address of every source. */
export function renderProviderList(list: ProviderList, rows: readonly CheckedRow[], language: Language): string {
  const count = (result: CheckedRow['result']) => rows.filter((r) => r.result === result).length;
  const { source, provider } = list;
  const day = renderDay(source.written ?? source.date, language);
  const head =
    language === 'de'
      ? `Liste des Anbieters ${provider} (${day}): ${count('agrees')} von ${rows.length} Zeilen stimmen mit den Belegen überein, ${count('conflicts')} widersprechen ihnen, ${count('no-evidence')} ohne Belege.`
      : `List of the provider ${provider} (${day}): ${count('agrees')} of ${rows.length} rows agree with the evidence, ${count('conflicts')} conflict with it, ${count('no-evidence')} without evidence.`;
  const blocks = rows.map(({ row, result, evidence }) => {
    const title = `${row.says[language]}: ${RESULTS[result][language]}`;
    return [title, ...evidence.flatMap((e) => renderEvidence(e, language))].join('\n');
  });
  return [`${head}\n${source.url}`, ...blocks].join('\n\n');
}

/** What is predicted of the list, and how often predictions of recorded clients are as measured. */
export interface Predicted {
  readonly rows: readonly PredictedRow[];
  readonly measured: MeasuredAgreement;
}

/**
 * The same for programs. Shape: `{provider, source, predicted, rows: [{says, device, minimum, result, evidence,
 * predicted}]}`; see reports/README.md. Predictions are no evidence: `result` does not come from them.
 *
 * @param predicted null: no recordings are installed. Then `predicted` is null everywhere.
 */
export function renderProviderListJson(
  list: ProviderList,
  rows: readonly CheckedRow[],
  predicted: Predicted | null,
): string {
  const { provider, source } = list;
  const plain = rows.map(({ row, result, evidence }) => {
    const { says, device, minimum } = row;
    const own = predicted?.rows.find((one) => one.row.device === device);
    return { says, device, minimum, result, evidence, predicted: own === undefined ? null : plainPredictions(own) };
  });
  const sums = predicted === null ? null : { ...sumOf(predicted.rows), measured: predicted.measured };
  return `${JSON.stringify({ provider, source, predicted: sums, rows: plain }, null, 2)}\n`;
}

function plainPredictions({ covered, older, agree, of }: PredictedRow) {
  const clients = [
    ...covered.map((one) => ({ ...one, listed: true })),
    ...older.map((one) => ({ ...one, listed: false })),
  ];
  return { agree, of, clients };
}

function sumOf(rows: readonly PredictedRow[]) {
  const sum = (key: 'agree' | 'of') => rows.reduce((total, row) => total + row[key], 0);
  return { basis: 'predicted', mode: 'strict', agree: sum('agree'), of: sum('of') };
}

const RESULTS: Readonly<Record<CheckedRow['result'], Bilingual>> = {
  agrees: { de: 'stimmt mit den Belegen überein', en: 'agrees with the evidence' },
  conflicts: { de: 'Belege widersprechen', en: 'conflicts with evidence' },
  'no-evidence': { de: 'keine Belege', en: 'no evidence' },
};

const SIDES: Readonly<Record<Evidence['side'], Bilingual>> = {
  against: { de: 'dagegen', en: 'against' },
  for: { de: 'dafür', en: 'for' },
  open: { de: 'offen', en: 'open' },
};

const BY: Readonly<Record<Evidence['by'], Bilingual>> = {
  measured: { de: 'von uns getestet', en: 'tested by us' },
  provider: { de: 'Liste eines anderen Anbieters', en: 'list of another provider' },
  claimed: { de: 'laut Quelle', en: 'according to a source' },
};

const EARLIER: Bilingual = {
  de: 'Das gilt auch für ältere Versionen: Die Liste könnte früher beginnen.',
  en: 'This holds for older versions, too: the list could begin earlier.',
};

function renderEvidence(e: Evidence, language: Language): readonly string[] {
  const lines = [
    `  ${SIDES[e.side][language]}: ${renderSubjects(e.subjects, language)}, ${BY[e.by][language]}`,
    `    ${e.says[language]}`,
  ];
  if (e.earlier) lines.push(`    ${EARLIER[language]}`);
  if (e.source !== undefined)
    lines.push(`    ${e.source.title} (${renderWritten(e.source, language)})`, `    ${e.source.url}`);
  if (e.trials.length > 0) lines.push(`    ${e.trials.join(', ')}`);
  return lines;
}

/** A claim is as old as its source, and was true on the day that somebody read it. */
function renderWritten({ written, date }: NonNullable<Evidence['source']>, language: Language): string {
  const read = `${language === 'de' ? 'gelesen' : 'read'} ${renderDay(date, language)}`;
  if (written === undefined) return read;
  // A bare year or month is no day.
  return `${written.length === 10 ? renderDay(written, language) : written}, ${read}`;
}

/** More than a reader takes in; the JSON has all. */
const SHOWN = 3;

function renderSubjects(subjects: readonly Subject[], language: Language): string {
  const shown = subjects.slice(0, SHOWN).map(({ name, when }) => (when === '' ? name : `${name} (${when})`));
  const more = subjects.length - shown.length;
  if (more > 0) shown.push(language === 'de' ? `und ${more} weitere` : `and ${more} more`);
  return shown.join('; ');
}
