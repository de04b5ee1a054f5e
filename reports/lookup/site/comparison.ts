import { directionsTitle } from '../../device-words.ts';
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
  const verdicts = answers.flatMap(({ verdict }) => verdict ?? []);
  if (verdicts.every((v) => v.verdict === 'unknown' && v.basis !== 'measured')) return null;
  const outcomes = verdicts.map((verdict) => ({
    direction: verdict.direction,
    words: POLICIES.map((policy) => outcomeOf(view, detail, verdict, policy)),
  }));
  // Directions of which the same holds share a column.
  const columns = [...Map.groupBy(outcomes, (o) => o.words.join(' ')).values()];
  const heads = columns.map(
    (same) =>
      html`<th scope="col">${directionsTitle(
        same.map((o) => o.direction),
        language,
      )}</th>`,
  );
  const rows = POLICIES.map((policy, i) => {
    const cells = columns.flatMap(([first]) => {
      const word = first?.words[i];
      return word === undefined ? [] : [html`<td class="o-${word}">${words.outcomes[word]}</td>`];
    });
    return html`<tr><th scope="row">${words.policies[policy] ?? policy}</th>${cells}</tr>`;
  });
  const note = words.comparisonNote[verdicts.some((v) => v.basis === 'measured') ? 'measured' : 'implied'];
  return html`<table><caption class="unseen">${words.comparison}</caption><thead><tr><td></td>${heads}</tr></thead><tbody>${rows}</tbody></table><p class="quiet">${note}</p>`;
}

function outcomeOf(view: View, detail: Detail, verdict: Verdict, policy: Policy): OutcomeWord {
  if (policy === 'legacy' && view.schedule.legacyEnded) return 'ended';
  const measured = detail.outcomes.find((o) => o.direction === verdict.direction && o.mode === policy);
  if (verdict.basis === 'measured') return measured === undefined ? 'not-run' : wordOf(measured);
  const implied = IMPLIED[verdict.verdict][policy];
  if (policy !== 'legacy') return implied;
  if (implied === 'works') return verdict.encrypted === false ? 'works-clear' : implied;
  // Sources speak of encryption; what happens without it they do not say.
  return implied === 'fails' && view.schedule.legacy?.plaintext === 'allowed' ? 'fails-encrypted' : implied;
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
