import type { Device } from '../harness/vocabulary/device.ts';
import { isEmulated } from '../harness/vocabulary/emulated.ts';
import type { Language } from '../harness/cause-texts.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';

/** How much of what a report says was seen on real devices: the first thing a reader must know. */
export interface Coverage {
  readonly real: number;
  readonly emulated: number;
  /** Known only from what a manufacturer or another source says. */
  readonly claimed: number;
  /** Calculated from a recorded hello, not run. */
  readonly predicted: number;
}

export function coverageOf(verdicts: readonly Verdict[], devices: readonly Device[]): Coverage {
  const tested = verdicts.filter((v) => v.basis === 'measured' && !wasNotHere(v));
  const real = new Set(tested.filter((v) => !v.emulated).map((v) => v.device));
  const emulated = new Set(tested.filter((v) => v.emulated).map((v) => v.device));
  const predicted = idsBeyond(
    [real, emulated],
    verdicts.filter((v) => v.basis === 'predicted'),
  );
  const saidOfReal = devices.filter((d) => !isEmulated(d) && d.claims.length > 0).map((d) => ({ device: d.id }));
  const claims = [...verdicts.filter((v) => v.basis === 'claimed'), ...saidOfReal];
  const claimed = idsBeyond([real, emulated, predicted], claims);
  return { real: real.size, emulated: emulated.size, claimed: claimed.size, predicted: predicted.size };
}

/** While no real device was tested, everything shown is an example. */
export function isSampleData(coverage: Coverage): boolean {
  return coverage.real === 0 && coverage.emulated > 0;
}

export function renderCoverage(c: Coverage, language: Language): string {
  if (language === 'de') {
    const predicted = c.predicted > 0 ? `, ${c.predicted} berechnet` : '';
    const real = `${c.real} ${c.real === 1 ? 'echtes Gerät' : 'echte Geräte'} getestet`;
    return `${real}, ${c.emulated} nachgebildet${predicted}, ${c.claimed} nur laut Quelle`;
  }
  const predicted = c.predicted > 0 ? `, ${c.predicted} predicted` : '';
  return `${c.real} real ${c.real === 1 ? 'device' : 'devices'} tested, ${c.emulated} emulated${predicted}, ${c.claimed} claimed only`;
}

export const SAMPLE_BANNER = {
  de: 'Beispieldaten: Bisher wurden nur nachgebildete Geräte geprüft. Für echte Modelle gilt hier noch nichts.',
  en: 'Sample data: only emulated devices were tested so far. Nothing here holds for a real model yet.',
} as const;

/** Over the answer for one emulated device, whatever else was tested. */
export const EMULATED_BANNER = {
  de: 'Beispieldaten: Dieses Gerät ist nachgebildet. Für ein echtes Modell gilt das Ergebnis nicht.',
  en: 'Sample data: this device is emulated. The result does not hold for a real model.',
} as const;

/** All that was recorded of it is that the lab could not run it. */
function wasNotHere({ verdict, causes }: Verdict): boolean {
  return verdict === 'unknown' && causes.length > 0 && causes.every((cause) => cause === 'not-in-this-lab');
}

function idsBeyond(known: readonly ReadonlySet<string>[], of: readonly { readonly device: string }[]): Set<string> {
  return new Set(of.map((v) => v.device).filter((id) => !known.some((set) => set.has(id))));
}
