import type { Language } from '../harness/cause-texts.ts';
import type { Cause } from '../harness/vocabulary/finding.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import { renderDay } from './dates.ts';
import type { Situation } from './situation.ts';

/** How we know, with day and firmware (left out where it is said beside the device); a verdict past its date says so. Measured, predicted and claimed never mix. */
export function basisText(situation: Situation, { firmware = true } = {}): string {
  const { verdict, language, schedule } = situation;
  const measuredOn = renderDay(verdict.measuredAt, language);
  if (verdict.verdict === 'unknown' && verdict.basis === 'measured') {
    return UNCLEAR[language][wasTried(verdict) ? 'tried' : 'open'](verdict, measuredOn);
  }
  const how = TEXTS[language][verdict.basis](verdict, measuredOn, firmware);
  const expired = schedule.asOf > verdict.expiresAt;
  if (!expired) return how;
  const day = renderDay(verdict.expiresAt, language);
  return language === 'de'
    ? `${how}; das Ergebnis galt bis ${day} und muss neu geprüft werden`
    : `${how}; the result was valid until ${day} and must be tested again`;
}

/** Trials that the lab could not run are no attempt; a control that found no answer is one, without any trial. */
export function wasTried({ basis, causes }: Verdict): boolean {
  return basis === 'measured' && !causes.some((cause) => NOT_TRIED.includes(cause));
}

const NOT_TRIED: readonly Cause[] = ['not-in-this-lab', 'not-testable', 'not-applicable'];

type Unclear = Readonly<Record<'tried' | 'open', (v: Verdict, day: string) => string>>;

const UNCLEAR: Readonly<Record<Language, Unclear>> = {
  de: {
    tried: (v, day) =>
      `wir haben es versucht, ohne klares Ergebnis (${day}${v.emulated ? ', nachgebildetes Gerät' : ''})`,
    open: (_, day) => `noch nicht geprüft (Stand ${day})`,
  },
  en: {
    tried: (v, day) => `we tried, without a clear result (${day}${v.emulated ? ', emulated device' : ''})`,
    open: (_, day) => `not tested yet (as of ${day})`,
  },
};

type Texts = Readonly<Record<Verdict['basis'], (v: Verdict, day: string, firmware: boolean) => string>>;

const TEXTS: Readonly<Record<Language, Texts>> = {
  de: {
    measured: (v, day, firmware) => {
      const version = firmware ? `Firmware ${v.firmware}` : 'der genannten Firmware';
      return v.emulated
        ? `an einem nachgebildeten Gerät getestet mit ${version}, am ${day}`
        : `von uns getestet mit ${version}, am ${day}`;
    },
    predicted: (_, day) => `aus einer Aufzeichnung berechnet, nicht getestet (Stand ${day})`,
    claimed: (_, day) => `laut Hersteller bzw. laut Quelle, nicht von uns getestet (Stand ${day})`,
  },
  en: {
    measured: (v, day, firmware) => {
      const version = firmware ? `firmware ${v.firmware}` : 'the firmware named';
      return v.emulated
        ? `tested on an emulated device with ${version}, on ${day}`
        : `tested by us with ${version}, on ${day}`;
    },
    predicted: (_, day) => `calculated from a recording, not tested (as of ${day})`,
    claimed: (_, day) => `according to the manufacturer or another source, not tested by us (as of ${day})`,
  },
};
