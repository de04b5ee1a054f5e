import type { Language } from '../harness/cause-texts.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';

/** How far what a device's hellos predict is what was measured, with the denominator; null: nothing can be compared. */
export function predictionsText({ predictions }: Pick<Verdict, 'predictions'>, language: Language): string | null {
  if (predictions === undefined) return null;
  const { agree, of, notPredicted } = predictions;
  const same = of === 0 ? [] : [SAME[language](agree, of)];
  const open = notPredicted === 0 ? [] : [OPEN[language](notPredicted)];
  return [...same, ...open].join(', ');
}

/** What stands before it. */
export const PREDICTIONS_TITLE: Readonly<Record<Language, string>> = {
  de: 'Aus der Aufzeichnung berechnet, zum Vergleich',
  en: 'Predicted from its hello, for comparison',
};

const SAME: Readonly<Record<Language, (agree: number, of: number) => string>> = {
  de: (agree, of) => `${agree} von ${of} wie getestet`,
  en: (agree, of) => `${agree} of ${of} as measured`,
};

const OPEN: Readonly<Record<Language, (count: number) => string>> = {
  de: (count) => `${count} nicht zu berechnen`,
  en: (count) => `${count} cannot be predicted`,
};
