import type { Language } from '../harness/cause-texts.ts';
import { type Software, softwareOf } from '../harness/cause-texts/software.ts';
import type { Cause } from '../harness/vocabulary/finding.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import { renderDay } from './dates.ts';
import type { Situation } from './situation.ts';

/** How we know, with day and firmware (left out where it is said beside the device); a verdict past its date says so. Measured, predicted and claimed never mix. */
export function basisText(situation: Situation, { firmware = true } = {}): string {
  const { verdict, device, language, schedule } = situation;
  const software = softwareOf(device?.kind);
  const measuredOn = renderDay(verdict.measuredAt, language);
  if (verdict.verdict === 'unknown' && verdict.basis === 'measured') {
    return UNCLEAR[language][wasTried(verdict) ? 'tried' : 'open'](verdict, measuredOn, software);
  }
  const how = TEXTS[language][verdict.basis](verdict, measuredOn, { firmware, software });
  const expired = schedule.asOf > verdict.expiresAt;
  if (!expired) return how;
  const day = renderDay(verdict.expiresAt, language);
  // A source does not stop to hold on a day: it was last read so long ago that it may say something else now.
  if (verdict.basis === 'claimed') {
    return language === 'de'
      ? `${how}; die Quelle haben wir zuletzt am ${measuredOn} gelesen, sie muss neu geprüft werden`
      : `${how}; we last read the source on ${measuredOn}, and it has to be checked again`;
  }
  return language === 'de'
    ? `${how}; das Ergebnis galt bis ${day} und muss neu geprüft werden`
    : `${how}; the result was valid until ${day} and must be tested again`;
}

/** Trials that the lab could not run are no attempt; a control that found no answer is one, without any trial. */
export function wasTried({ basis, causes }: Verdict): boolean {
  return basis === 'measured' && !causes.some((cause) => NOT_TRIED.includes(cause));
}

const NOT_TRIED: readonly Cause[] = ['not-in-this-lab', 'not-testable', 'not-applicable'];

type Unclear = Readonly<Record<'tried' | 'open', (v: Verdict, day: string, software: Software | null) => string>>;

const UNCLEAR: Readonly<Record<Language, Unclear>> = {
  de: {
    tried: (v, day, software) =>
      `wir haben es versucht, ohne klares Ergebnis (${day}${v.emulated ? `, nachgebildetes ${NOUNS_DE[software ?? 'device']}` : ''})`,
    open: (_, day) => `noch nicht geprüft (Stand ${day})`,
  },
  en: {
    tried: (v, day, software) =>
      `we tried, without a clear result (${day}${v.emulated ? `, emulated ${software ?? 'device'}` : ''})`,
    open: (_, day) => `not tested yet (as of ${day})`,
  },
};

interface Told {
  /** Whether the version is named here. */
  readonly firmware: boolean;
  readonly software: Software | null;
}

type Texts = Readonly<Record<Verdict['basis'], (v: Verdict, day: string, told: Told) => string>>;

const TEXTS: Readonly<Record<Language, Texts>> = {
  de: {
    measured: (v, day, { firmware, software }) => {
      const word = software === null ? 'Firmware' : 'Version';
      const version = firmware ? `${word} ${v.firmware}` : `der genannten ${word}`;
      return v.emulated
        ? `an einem nachgebildeten ${NOUNS_DE[software ?? 'device']} getestet mit ${version}, am ${day}`
        : `von uns getestet mit ${version}, am ${day}`;
    },
    predicted: (_, day) => `aus einer Aufzeichnung berechnet, nicht getestet (Stand ${day})`,
    claimed: (_, day) => `laut Hersteller bzw. laut Quelle, nicht von uns getestet (Stand ${day})`,
  },
  en: {
    measured: (v, day, { firmware, software }) => {
      const word = software === null ? 'firmware' : 'version';
      const version = firmware ? `${word} ${v.firmware}` : `the ${word} named`;
      return v.emulated
        ? `tested on an emulated ${software ?? 'device'} with ${version}, on ${day}`
        : `tested by us with ${version}, on ${day}`;
    },
    predicted: (_, day) => `calculated from a recording, not tested (as of ${day})`,
    claimed: (_, day) => `according to the manufacturer or another source, not tested by us (as of ${day})`,
  },
};

/** All neuter. */
const NOUNS_DE: Readonly<Record<Software | 'device', string>> = {
  device: 'Gerät',
  system: 'System',
  program: 'Programm',
};
