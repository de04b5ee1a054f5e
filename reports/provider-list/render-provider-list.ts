import type { Language } from '../../harness/cause-texts.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import { renderDay } from '../dates.ts';
import type { CheckedRow, Evidence, Subject } from './check-provider-list.ts';
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

/** The same for programs. Shape: `{provider, source, rows: [{says, device, minimum, result, evidence}]}`. */
export function renderProviderListJson(list: ProviderList, rows: readonly CheckedRow[]): string {
  const { provider, source } = list;
  const plain = rows.map(({ row: { says, device, minimum }, result, evidence }) => ({
    says,
    device,
    minimum,
    result,
    evidence,
  }));
  return `${JSON.stringify({ provider, source, rows: plain }, null, 2)}\n`;
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
