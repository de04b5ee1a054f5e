import { lastDayOf } from './judging/expiry.ts';
import type { Claim, Condition } from './vocabulary/claim.ts';
import type { Device } from './vocabulary/device.ts';
import type { Cause } from './vocabulary/finding.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Direction } from './vocabulary/trial.ts';
import type { Remedy, Verdict, VerdictWord } from './vocabulary/verdict.ts';

/** Not the schema's list: pages that conclude in a browser need no schema. */
const BOTH: readonly Direction[] = ['send', 'fetch'];

/**
 * What the claims of a device mean for the day of the cutover: one verdict a claim, direction and condition, in the
 * order of the file, all of the basis `claimed`. Several of a direction differ in their conditions (`firmware` as a
 * range, `os`) or contradict each other: then the owner's answer to one question decides, or nobody knows. Each verdict
 * comes with the claim that it stands on.
 */
export function concludeClaims(
  device: Device,
  modes: readonly Mode[],
): readonly { readonly verdict: Verdict; readonly claim: Claim }[] {
  const until = modes.find((mode) => mode.id === 'legacy')?.dates?.until;
  return device.claims.flatMap((claim) => {
    const { implies } = claim;
    if (implies === undefined) return [];
    return (implies.directions ?? BOTH).map((direction) => {
      const { verdict, cause, setting, update, encrypted } = implies;
      const concluded: Verdict = {
        v: 1,
        device: device.id,
        direction,
        verdict,
        basis: 'claimed',
        causes: cause === undefined ? [] : [cause],
        confidence: 'suspected',
        ...(setting === undefined ? {} : { setting }),
        ...(verdict === 'legacy-only' && until !== undefined ? { until } : {}),
        ...(encrypted === undefined ? {} : { encrypted }),
        ...(update === undefined ? {} : { update }),
        remedies: [...remediesOf(verdict, cause)],
        firmware: claim.when?.firmware ?? '',
        ...(claim.when?.os === undefined ? {} : { os: claim.when.os }),
        emulated: false,
        measuredAt: `${claim.source.date}T00:00:00Z`,
        expiresAt: expiryOf(claim),
        trials: [],
      };
      return { verdict: concluded, claim };
    });
  });
}

/** Past its date a claim is shown as stale: its source has to be read again. */
export function expiryOf({ source }: Claim): string {
  return lastDayOf(source.date);
}

/** Two conditions are the same for the owner when neither asks anything else. */
export function isSameCondition(a: Condition | undefined, b: Condition | undefined): boolean {
  return a?.firmware === b?.firmware && a?.os === b?.os;
}

/** In the order in which they are recommended. */
function remediesOf(verdict: VerdictWord, cause: Cause | undefined): readonly Remedy[] {
  const byVerdict: Readonly<Record<VerdictWord, readonly Remedy[]>> = {
    works: [],
    'works-after-change': ['setting'],
    'works-after-update': ['firmware'],
    'legacy-only': ['firmware', 'legacy-host', 'relay', 'other-function', 'replace'],
    'stops-working': ['firmware', 'relay', 'other-function', 'replace'],
    'fails-already':
      cause === 'wrong-tls-mode' ? ['setting'] : ['setting', 'firmware', 'relay', 'other-function', 'replace'],
    unknown: [],
  };
  return byVerdict[verdict];
}
