import type { Language } from '../../harness/cause-texts.ts';
import type { Claim } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { isInRange, parseVersionRange } from '../../harness/vocabulary/version-range.ts';
import type { Situation } from '../situation.ts';
import { renderClaimEntry } from './claim-entries.ts';
import type { Block, Cell } from './document.ts';

/** What sources say of devices that were tested, and whether the test agrees. The test counts. */
export function besideMeasured(
  tested: readonly Situation[],
  systems: ReadonlyMap<string, Device>,
  language: Language,
): readonly Block[] {
  const entries = tested.flatMap(({ verdict, device, schedule }): readonly Cell[] => {
    if (device === undefined) return [];
    return device.claims
      .filter((c) => c.implies !== undefined && (c.implies.directions ?? DIRECTIONS).includes(verdict.direction))
      .map((claim): Cell => {
        const group = claim.implies?.verdict ?? 'unknown';
        const entry = { device, group, directions: [verdict.direction], claims: [claim], contradictory: false };
        const said = renderClaimEntry(entry, systems, schedule.asOf, language);
        return [...said, ` ${WORDS[language][compareWith(verdict, claim)]}`];
      });
  });
  return entries.length === 0
    ? []
    : [{ kind: 'entries', title: `${WORDS[language].title} (${entries.length})`, entries }];
}

/** A claim of other versions or of another system says nothing about what was tested. */
function compareWith(verdict: Verdict, { when, implies }: Claim): 'same' | 'other' | 'elsewhere' {
  const range = when?.firmware === undefined ? [] : parseVersionRange(when.firmware);
  const concerns = !('kind' in range) && isInRange(verdict.firmware, range) && when?.os === verdict.os;
  if (!concerns) return 'elsewhere';
  return implies?.verdict === verdict.verdict ? 'same' : 'other';
}

const WORDS = {
  de: {
    title: 'Was Hersteller oder andere Quellen über diese Geräte sagen',
    same: 'Unser Test hat dasselbe ergeben.',
    other: 'Unser Test hat etwas anderes ergeben: Es gilt unser Test.',
    elsewhere: 'Diese Version haben wir nicht getestet.',
  },
  en: {
    title: 'What manufacturers or other sources say about these devices',
    same: 'Our test gave the same result.',
    other: 'Our test gave another result: our test counts.',
    elsewhere: 'We have not tested this version.',
  },
} as const;
