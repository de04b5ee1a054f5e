import { DIRECTION_WORDS } from '../../device-words.ts';
import { html, type Markup } from '../../html.ts';
import type { Verdict, VerdictWord } from '../../../harness/vocabulary/verdict.ts';
import type { DirectionAnswer } from '../answers.ts';
import type { Detail, ModeOutcome } from './site-data.ts';
import type { View } from './view.ts';
import type { Words } from './words.ts';

const POLICIES = ['today', 'strict', 'legacy'] as const;
type Policy = (typeof POLICIES)[number];
type OutcomeWord = keyof Words['outcomes'];

/** Today, strict and legacy side by side: what was measured, or else what the answer implies. Nothing known: null. */
export function renderComparison(view: View, detail: Detail, answers: readonly DirectionAnswer[]): Markup | null {
  const { words, language } = view;
  const columns = answers.flatMap(({ verdict }) => verdict ?? []);
  if (columns.every((v) => v.verdict === 'unknown' && v.basis !== 'measured')) return null;
  const heads = columns.map((v) => html`<th scope="col">${DIRECTION_WORDS[v.direction][language]}</th>`);
  const rows = POLICIES.map((policy) => {
    const cells = columns.map((verdict) => {
      const word = outcomeOf(view, detail, verdict, policy);
      return html`<td class="o-${word}">${words.outcomes[word]}</td>`;
    });
    return html`<tr><th scope="row">${words.policies[policy] ?? policy}</th>${cells}</tr>`;
  });
  const note = words.comparisonNote[columns.some((v) => v.basis === 'measured') ? 'measured' : 'implied'];
  return html`<table><caption class="unseen">${words.comparison}</caption><thead><tr><td></td>${heads}</tr></thead><tbody>${rows}</tbody></table><p class="quiet">${note}</p>`;
}

function outcomeOf(view: View, detail: Detail, verdict: Verdict, policy: Policy): OutcomeWord {
  if (policy === 'legacy' && view.schedule.legacyEnded) return 'ended';
  const measured = detail.outcomes.find((o) => o.direction === verdict.direction && o.mode === policy);
  if (verdict.basis === 'measured') return measured === undefined ? 'not-run' : wordOf(measured);
  const implied = IMPLIED[verdict.verdict][policy];
  return implied === 'works' && policy === 'legacy' && verdict.encrypted === false ? 'works-clear' : implied;
}

function wordOf({ outcome, encrypted }: ModeOutcome): OutcomeWord {
  return outcome === 'works' && encrypted === false ? 'works-clear' : outcome;
}

const IMPLIED: Readonly<Record<VerdictWord, Readonly<Record<Policy, OutcomeWord>>>> = {
  works: { today: 'works', strict: 'works', legacy: 'works' },
  'works-after-change': { today: 'works', strict: 'after-change', legacy: 'unsaid' },
  'works-after-update': { today: 'works', strict: 'after-change', legacy: 'unsaid' },
  'legacy-only': { today: 'works', strict: 'fails', legacy: 'works' },
  'stops-working': { today: 'works', strict: 'fails', legacy: 'fails' },
  'fails-already': { today: 'fails', strict: 'fails', legacy: 'fails' },
  unknown: { today: 'unsaid', strict: 'unsaid', legacy: 'unsaid' },
};
