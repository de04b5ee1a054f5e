import type { Claim } from '../../harness/vocabulary/claim.ts';
import { DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { isInRange, parseVersionRange } from '../../harness/vocabulary/version-range.ts';
import type { Situation } from '../situation.ts';
import { type LineContext, renderClaimLine } from './claim-line.ts';
import type { Block, Cell } from './document.ts';

/** What sources say of devices that were tested, and whether the test agrees. The test counts. */
export function besideMeasured(tested: readonly Situation[], context: LineContext): readonly Block[] {
  const words = WORDS[context.language];
  const entries = tested.flatMap(({ verdict, device }): readonly Cell[] => {
    if (device === undefined) return [];
    return device.claims
      .filter((c) => c.implies !== undefined && (c.implies.directions ?? DIRECTIONS).includes(verdict.direction))
      .map((claim): Cell => {
        const part = { directions: [verdict.direction], claims: [claim], contradictory: false, otherwise: false };
        const said = renderClaimLine({ device, group: verdict.verdict, parts: [part] }, context);
        return [...said, ` ${words[compareWith(verdict, claim)]}`];
      });
  });
  return entries.length === 0 ? [] : [{ kind: 'entries', title: `${words.title} (${entries.length})`, entries }];
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
