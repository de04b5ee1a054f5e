import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Assessment } from './assess.ts';
import { calendarOf } from './calendar.ts';
import { renderCoverage } from '../coverage.ts';
import { recommendation } from './recommendation.ts';
import { ENGLISH } from './texts-english.ts';

/** The decision for a terminal, in English as all of it: one line a criterion. No trailing line end. */
export function renderSummary({ ready, criteria, coverage, schedule }: Assessment, policies: readonly Mode[]): string {
  const names = new Map(policies.map((m) => [m.id, m.name.en]));
  const lines = criteria.map((c) => {
    const { name, required, found } = ENGLISH.criterion(c, (id) => names.get(id) ?? id);
    return `  ${c.met ? 'met    ' : 'NOT MET'}  ${name}: ${found} (required: ${required})`;
  });
  return [
    `${renderCoverage(coverage, 'en')}. ${ENGLISH.when(calendarOf(schedule, 'en')).join(' ')}`,
    recommendation({ ready, schedule }, ENGLISH),
    ...lines,
  ].join('\n');
}
