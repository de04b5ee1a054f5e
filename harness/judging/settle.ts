import { isDeepStrictEqual } from 'node:util';
import { CAUSE_RULES, isTrouble } from '../causes.ts';
import type { Cause, Finding } from '../vocabulary/finding.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { causeUndoneBy, isShared } from './counter-tests.ts';

/** The finding of a trial after its controls and counter-tests have spoken. */
export interface ConcludedFinding extends Finding {
  readonly confidence: 'confirmed' | 'suspected';
}

/** What a trial's own controls and counter-tests, and those of the same question in other modes, leave of its finding. */
export function settleFinding(record: Record, all: readonly Record[], modes: readonly Mode[]): ConcludedFinding {
  const own: Finding = pickFinding(record);
  const same = all.filter(
    // Runs are merged for reports; what another day's control or counter-test said is about that day's trials.
    (r) =>
      r.run === record.run &&
      r.direction === record.direction &&
      r.device.firmware === record.device.firmware &&
      r.trial !== record.trial,
  );
  const forgiving = same.find((r) => r.role === 'control-forgiving');
  if (record.role !== 'control-forgiving' && forgiving?.cause !== undefined && isTrouble(forgiving.cause)) {
    const because = ['The control against a forgiving server ended in trouble.', ...forgiving.because];
    return { outcome: 'inconclusive', cause: forgiving.cause, because, confidence: 'suspected' };
  }
  const suspects = suspectsOf(own);
  const counterTests = same.filter((r) => {
    const undone = r.change === undefined ? null : causeUndoneBy(r.change);
    return r.role === 'counter-test' && r.of === record.trial && undone !== null && suspects.includes(undone);
  });
  const settled = isServersOwn(record, same)
    ? { ...own, confidence: 'suspected' as const }
    : (settleByTwin(record, same, modes) ?? settle(own, counterTests, record));
  const surprised = same.some((r) => r.role === 'control-refused' && r.outcome === 'inconclusive');
  return surprised ? { ...settled, confidence: 'suspected' } : settled;
}

/** A failure that the embedded engine, on which counter-tests run, was not seen to share: they prove nothing about it. */
function isServersOwn(record: Record, same: readonly Record[]): boolean {
  return same.some((r) => r.of === record.trial && r.change === undefined && !isShared(r));
}

/** Lets counter-tests name, confirm or leave open the cause of a failed question. */
function settle(own: Finding, counterTests: readonly Record[], record: Record): ConcludedFinding {
  if (own.outcome === 'works' || own.outcome === 'not-run') return { ...own, confidence: 'confirmed' };
  if (isTrouble(own.cause)) return { ...own, confidence: 'suspected' };
  const passed = counterTests.find((r) => r.outcome === 'works');
  const named = passed?.change === undefined ? null : causeUndoneBy(passed.change);
  if (passed?.change !== undefined && named !== null) {
    const why = `It works when ${passed.change.path} alone is changed.`;
    return { ...name(own, named, record, why), confidence: 'confirmed' };
  }
  if (own.cause === undefined || CAUSE_RULES[own.cause].decidedBy === 'trace')
    return { ...own, confidence: 'suspected' };
  const [counterTest] = counterTests;
  // Not spoken by the engine: the bytes alone decide. Another named cause behind it: the change moved the device on.
  const contradicted = counterTest !== undefined && (counterTest.cause === own.cause || isTrouble(counterTest.cause));
  return { ...own, confidence: contradicted ? 'suspected' : 'confirmed' };
}

function name(own: Finding, cause: Cause, { device }: Record, why: string): Finding {
  const { candidates: _, ...rest } = own;
  // A root that the device was never given proves nothing about the provider's chain.
  const lab = cause === 'certificate-untrusted' && device.trust !== 'run-ca';
  return { ...rest, outcome: lab ? 'inconclusive' : 'fails', cause, because: [...own.because, why] };
}

/**
 * A person is not asked to press the same counter-test in each mode. Where the same question left the same trace in
 * another mode, and a counter-test named its cause there, that is the cause here, too, if both modes have the same at
 * the key that was changed. Suspected, because here nothing was changed.
 */
function settleByTwin(record: Record, same: readonly Record[], modes: readonly Mode[]): ConcludedFinding | null {
  const own = pickFinding(record);
  const suspects = suspectsOf(own);
  const isOpen =
    own.candidates !== undefined || (own.cause !== undefined && CAUSE_RULES[own.cause].decidedBy === 'trace');
  if (record.role !== 'question' || !isOpen || isTrouble(own.cause) || own.outcome === 'not-run') return null;
  if (same.some((r) => r.of === record.trial)) return null;
  for (const counter of same) {
    const cause = counter.change === undefined ? null : causeUndoneBy(counter.change);
    if (counter.outcome !== 'works' || counter.change === undefined || cause === null || !suspects.includes(cause))
      continue;
    const twin = same.find(
      (r) => r.trial === counter.of && r.role === 'question' && r.setting.id === record.setting.id,
    );
    if (twin === undefined || !isDeepStrictEqual(suspectsOf(pickFinding(twin)), suspects)) continue;
    const [here, there] = [record, twin].map((r) => modes.find((m) => m.id === r.mode));
    if (here === undefined || there === undefined || !agree(here, there, counter.change.path)) continue;
    const why = `It left the same trace in ${twin.mode}, where it works when ${counter.change.path} alone is changed.`;
    return { ...name(own, cause, record, why), confidence: 'suspected' };
  }
  return null;
}

/** Both modes have the same at the top key of the path: the whole certificate, not its profile alone. */
export function agree(a: Mode, b: Mode, path: string): boolean {
  const [key = ''] = path.split('.');
  return isDeepStrictEqual(Reflect.get(a, key), Reflect.get(b, key));
}

function suspectsOf(own: Finding): readonly Cause[] {
  return [...(own.candidates ?? []), ...(own.cause === undefined ? [] : [own.cause])];
}

function pickFinding(r: Record): Finding {
  return {
    outcome: r.outcome,
    because: r.because,
    ...(r.cause === undefined ? {} : { cause: r.cause }),
    ...(r.candidates === undefined ? {} : { candidates: r.candidates }),
    ...(r.silent === undefined ? {} : { silent: r.silent }),
    ...(r.encrypted === undefined ? {} : { encrypted: r.encrypted }),
  };
}
