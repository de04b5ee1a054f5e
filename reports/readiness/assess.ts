import type { Device } from '../../harness/vocabulary/device.ts';
import { type Direction, DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import { VERDICTS, type VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';
import { type Coverage, coverageOf } from '../coverage.ts';
import { type Schedule, scheduleOf } from '../phase.ts';
import { type Changes, changesOf } from './changes.ts';
import { type CriterionResult, judgeCriteria } from './judge-criteria.ts';
import { type ModeProof, proofsOf } from './proofs.ts';
import type { Criteria } from './read-criteria.ts';
import { sendsRarely, type Standing, type Standings, standingsOf } from './standings.ts';

/** All that the page says, as facts: no sentence, no language. */
export interface Assessment {
  readonly schedule: Schedule;
  readonly coverage: Coverage;
  /** In the order of the page: the first that is not met decides. */
  readonly criteria: readonly CriterionResult[];
  readonly ready: boolean;
  readonly standings: Standings;
  readonly counts: readonly VerdictCount[];
  readonly emulatedCounts: readonly VerdictCount[];
  readonly rare: RareSenders;
  readonly changes: Changes | null;
  readonly proofs: readonly ModeProof[];
}

export interface VerdictCount {
  readonly word: VerdictWord;
  readonly by: Readonly<Record<Direction, number>>;
}

export interface RareSenders {
  readonly tested: readonly Standing[];
  readonly untested: readonly Device[];
}

/** Pure. Emulated devices are counted apart and decide nothing. */
export function assess(input: ReportInput, criteria: Criteria): Assessment {
  const schedule = scheduleOf(input.policies, input.asOf);
  const coverage = coverageOf(input.verdicts, input.devices);
  const standings = standingsOf(input, schedule);
  const rare: RareSenders = {
    tested: standings.real.filter((s) => s.device !== undefined && sendsRarely(s.device)),
    untested: standings.untested.filter(sendsRarely),
  };
  const changes = changesOf(input, schedule.asOf);
  const proofs = proofsOf(input);
  const judged = judgeCriteria({ standings, rare, changes, proofs }, criteria.go);
  return {
    schedule,
    coverage,
    criteria: judged,
    ready: judged.every((c) => c.met),
    standings,
    counts: countsOf(standings.real),
    emulatedCounts: countsOf(standings.emulated),
    rare,
    changes,
    proofs,
  };
}

/** Unknowns first, then from what hurts most to what is well. Words that nobody has are left out, but never the unknown. */
function countsOf(standings: readonly Standing[]): readonly VerdictCount[] {
  const worstFirst = VERDICTS.toReversed();
  return worstFirst.flatMap((word) => {
    const own = standings.filter((s) => s.word === word);
    const [send = 0, fetch = 0] = DIRECTIONS.map((d) => own.filter((s) => s.verdict.direction === d).length);
    return own.length === 0 && word !== 'unknown' ? [] : [{ word, by: { send, fetch } }];
  });
}
