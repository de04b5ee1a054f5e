import type { Direction } from '../../../harness/vocabulary/trial.ts';
import type { VerdictWord } from '../../../harness/vocabulary/verdict.ts';
import type { Schedule } from '../../phase.ts';
import type { Row, RowAnswer } from './site-data.ts';

/** Empty: any. */
export interface Filters {
  readonly kind: string;
  readonly verdict: string;
  readonly basis: string;
}

/** Not taken from the schema: it would bring the schemas into the page. */
export const VERDICTS_IN_ORDER: readonly VerdictWord[] = [
  'works',
  'works-after-change',
  'works-after-update',
  'legacy-only',
  'stops-working',
  'fails-already',
  'unknown',
];

export const NO_FILTERS: Filters = { kind: '', verdict: '', basis: '' };

/** A verdict or basis fits when one of the answers that the device can get has it. */
export function fitsFilters(row: Row, filters: Filters, schedule: Schedule): boolean {
  const { kind, verdict, basis } = filters;
  if (kind !== '' && row.kind !== kind) return false;
  if (verdict === '' && basis === '') return true;
  if (row.answers.length === 0) return basis === '' && verdict === 'unknown';
  return row.answers.some(
    (a) => (verdict === '' || wordOnDay(a, schedule) === verdict) && (basis === '' || a.basis === basis),
  );
}

/** One word for a direction where all its answers agree; null: nothing is said of it. */
export function verdictOfRow(row: Row, direction: Direction, schedule: Schedule): VerdictWord | 'depends' | null {
  const words = new Set(row.answers.filter((a) => a.direction === direction).map((a) => wordOnDay(a, schedule)));
  const [word] = words;
  if (word === undefined) return null;
  return words.size === 1 ? word : 'depends';
}

/** As `verdictOnDay`, from the little that the index holds. */
function wordOnDay({ verdict, until }: RowAnswer, schedule: Schedule): VerdictWord {
  if (verdict !== 'legacy-only') return verdict;
  const ended = schedule.legacy === undefined ? until !== undefined && schedule.asOf > until : schedule.legacyEnded;
  return ended ? 'stops-working' : verdict;
}
