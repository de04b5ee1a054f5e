import { standingOf } from '../judging/repeats.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Trial } from '../vocabulary/trial.ts';
import type { Baseline } from './baseline.ts';
import { kindOf } from './compare.ts';
import { explain } from './explain.ts';
import { pairAnswers, type Pair } from './pair-answers.ts';
import { type Answer, type State, trialOf } from './state.ts';
import { type About, stateOfRecords } from './state-of-run.ts';

/** How often a question whose other answer nothing explains is asked again. */
const MAX_REPEATS = 3;

/** Chooses what is asked again, for runs that are compared with this baseline. */
export function createRepeats(
  { state, excuses }: Baseline,
  about: About,
): (records: readonly Record[]) => Trial | null {
  const byDevice = Map.groupBy(state.answers.values(), (a) => a.device);
  return (records) => {
    const [first] = records;
    const accepted = first === undefined ? undefined : byDevice.get(first.device.id);
    return accepted === undefined ? null : chooseRepeat(records, accepted, excuses, about);
  };
}

/**
 * The question of a device that is asked again unchanged, or null. Asked again is what has another answer than was
 * accepted, although nothing known has changed; and what is excused and works, because an excuse does not end by luck.
 * Pure, from the records so far, as `nextTrial` is: a run that was cut off goes on with it.
 */
function chooseRepeat(
  records: readonly Record[],
  accepted: readonly Answer[],
  excuses: Baseline['excuses'],
  about: About,
): Trial | null {
  const standing = standingOf(records);
  const before: State = { name: '', at: '', answers: new Map(accepted.map((a) => [a.key, a])), spared: new Map() };
  const pairs = pairAnswers(before, stateOfRecords(standing, about), () => false);
  for (const pair of pairs) {
    const { after } = pair;
    if (after === undefined || !isOpen(pair, excuses)) continue;
    const asked = standing.filter((r) => r.trial === trialOf(after) && r.engine === after.engine);
    const last = asked.at(-1);
    const repeat = 1 + Math.max(0, ...asked.map((r) => r.repeat ?? 0));
    if (last !== undefined && repeat <= MAX_REPEATS) return askAgain(last, repeat);
  }
  return null;
}

function isOpen({ before, after }: Pair, excuses: Baseline['excuses']): boolean {
  if (before === undefined || after === undefined || after.found.outcome === 'not-run') return false;
  const worksUnexpectedly = excuses.has(before.key) && after.answers.every((a) => a.outcome === 'works');
  if (worksUnexpectedly) return true;
  if (excuses.has(before.key) || kindOf({ before, after }) === 'same') return false;
  return explain(before, after).every(({ what }) => what === 'nothing-known');
}

function askAgain(record: Record, repeat: number): Trial {
  const { trial: id, role, device, scenario, direction, setting, mode, engine } = record;
  return { id, role, device: device.id, firmware: device.firmware, scenario, direction, setting, mode, engine, repeat };
}
