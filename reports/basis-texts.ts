import type { Language } from '../harness/cause-texts.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import { renderDay } from './dates.ts';
import type { Situation } from './situation.ts';

/** How we know, with firmware and day; a verdict past its date says so. Measured, predicted and claimed never mix. */
export function basisText(situation: Situation): string {
  const { verdict, language, schedule } = situation;
  const how = TEXTS[language][verdict.basis](verdict, renderDay(verdict.measuredAt, language));
  const expired = schedule.asOf > verdict.expiresAt;
  if (!expired) return how;
  const day = renderDay(verdict.expiresAt, language);
  return language === 'de'
    ? `${how}; das Ergebnis galt bis ${day} und muss neu geprüft werden`
    : `${how}; the result was valid until ${day} and must be tested again`;
}

type Texts = Readonly<Record<Verdict['basis'], (v: Verdict, day: string) => string>>;

const TEXTS: Readonly<Record<Language, Texts>> = {
  de: {
    measured: (v, day) =>
      v.emulated
        ? `an einem nachgebildeten Gerät getestet mit Firmware ${v.firmware}, am ${day}`
        : `von uns getestet mit Firmware ${v.firmware}, am ${day}`,
    predicted: (_, day) => `aus einer Aufzeichnung berechnet, nicht getestet (Stand ${day})`,
    claimed: (_, day) => `laut Hersteller bzw. laut Quelle, nicht von uns getestet (Stand ${day})`,
  },
  en: {
    measured: (v, day) =>
      v.emulated
        ? `tested on an emulated device with firmware ${v.firmware}, on ${day}`
        : `tested by us with firmware ${v.firmware}, on ${day}`,
    predicted: (_, day) => `calculated from a recording, not tested (as of ${day})`,
    claimed: (_, day) => `according to the manufacturer or another source, not tested by us (as of ${day})`,
  },
};
