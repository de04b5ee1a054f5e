import type { Device } from '../../harness/vocabulary/device.ts';
import { isEmulated } from '../../harness/vocabulary/emulated.ts';
import type { Record as TrialRecord } from '../../harness/vocabulary/record.ts';
import type { Verdict, VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';
import { outcomesOf } from '../outcomes.ts';
import type { Schedule } from '../phase.ts';
import { verdictOnDay } from '../verdict-texts.ts';

/** Where a device that was measured stands on the day, in one direction. */
export interface Standing {
  readonly device: Device | undefined;
  readonly verdict: Verdict;
  /** As it is on the day: an expired result is unknown, and what needed an ended transition server has stopped. */
  readonly word: VerdictWord;
  readonly expired: boolean;
  /** The trial to look at first: as configured, in strict. */
  readonly record: TrialRecord | undefined;
}

export interface Standings {
  readonly real: readonly Standing[];
  readonly emulated: readonly Standing[];
  /** Real devices that no trial answers for: sources speak of them, or nobody does. */
  readonly untested: readonly Device[];
}

export function standingsOf(input: ReportInput, schedule: Schedule): Standings {
  const files = new Map(input.devices.map((d) => [d.id, d]));
  const find = outcomesOf(input.records);
  const byTrial = new Map(input.records.map((r) => [r.trial, r]));
  const measured = input.verdicts.filter((v) => v.basis === 'measured');
  const standings = measured.map((verdict): Standing => {
    const device = files.get(verdict.device);
    const expired = schedule.asOf > verdict.expiresAt;
    // The language plays no part in what holds on a day.
    const word = expired ? 'unknown' : verdictOnDay({ verdict, device, schedule, language: 'en' });
    const [first] = verdict.trials;
    const record =
      find(verdict.device, verdict.direction, 'strict') ?? (first === undefined ? undefined : byTrial.get(first));
    return { device, verdict, word, expired, record };
  });
  const tested = new Set(measured.map((v) => v.device));
  return {
    real: standings.filter((s) => !s.verdict.emulated),
    emulated: standings.filter((s) => s.verdict.emulated),
    untested: input.devices.filter((d) => !isEmulated(d) && !tested.has(d.id)),
  };
}

/** Nobody notices for months that their mail is missing, and then it matters. */
export function sendsRarely(device: Device): boolean {
  return device.sendsRarely || RARE_KINDS.has(device.kind);
}

const RARE_KINDS: ReadonlySet<Device['kind']> = new Set(['alarm-panel', 'ups']);
