import { conclude, type ConcludedFinding } from '../conclude.ts';
import { standingOf } from '../judging/repeats.ts';
import { readModes } from '../modes/read-mode.ts';
import { newestOf, type StoredRun, withFields } from '../records.ts';
import { prepareRecordComparison } from './predicted-agreement.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { ENGINES, type Verdict } from '../vocabulary/verdict.ts';

export interface Conclusions {
  /** Records with the finding that controls and counter-tests left. */
  readonly records: readonly Record[];
  readonly verdicts: readonly Verdict[];
  /** What other engines answered for a device and direction whose verdict is another's: facts about the servers. */
  readonly outranked: readonly Verdict[];
}

/** Concludes device by device, in the order in which devices first appear. */
export function concludeAll(records: readonly Record[], modes: readonly Mode[]): Conclusions {
  const byDevice = Map.groupBy(standingOf(records), (r) => r.device.id);
  const compare = prepareRecordComparison(modes);
  const conclusions = [...byDevice.values()].map((own) => {
    const { findings, verdicts } = conclude(own, modes);
    const settled = newestOf(own).map((r) => withFinding(r, findings.get(r.trial)));
    return { settled, verdicts: verdicts.map((verdict) => withPredictions(verdict, settled, compare)) };
  });
  return {
    records: conclusions.flatMap(({ settled }) => settled),
    verdicts: conclusions.flatMap(({ verdicts }) => verdicts),
    outranked: [],
  };
}

/** Says beside a verdict how its device's hellos would have been judged; the verdict stays what it is. */
function withPredictions(
  verdict: Verdict,
  records: readonly Record[],
  compare: ReturnType<typeof prepareRecordComparison>,
): Verdict {
  const own = records.filter(({ direction }) => direction === verdict.direction);
  const { agree, of, notPredicted } = compare(own);
  return of + notPredicted === 0 ? verdict : { ...verdict, predictions: { agree, of, notPredicted } };
}

/**
 * Over all runs of an output folder: the newest record of each trial, the newest version of each mode. Engines are
 * concluded apart, because controls and counter-tests belong to the questions of their own run; then each device and
 * direction has the verdict of the engine that is nearest to a provider's servers.
 */
export function concludeRuns(runs: readonly StoredRun[]): Conclusions {
  const modes = [...newestModes(runs).values()];
  // A comparison of refusal styles asks what a device does when it is refused, not whether it works.
  const asking = runs.filter((r) => r.run.watch === undefined);
  const byEngine = Map.groupBy(asking, (r) => r.run.engine);
  const parts = ENGINES_BY_RANK.flatMap((engine) => {
    const own = byEngine.get(engine)?.flatMap((r) => r.records);
    return own === undefined ? [] : [concludeAll(own, modes)];
  });
  const answers = parts.flatMap((p) => p.verdicts);
  const verdicts = [...Map.groupBy(answers, (v) => `${v.device} ${v.direction}`).values()].flatMap(
    (vs) => vs.find((v) => v.verdict !== 'unknown') ?? vs.slice(0, 1),
  );
  const standing = new Set(verdicts);
  return {
    records: parts.flatMap((p) => p.records),
    verdicts,
    outranked: answers.filter((v) => !standing.has(v)),
  };
}

/** The software that providers run outranks ours, and the servers themselves outrank both. */
const ENGINES_BY_RANK = ENGINES.toReversed();

/**
 * Hosts and dates that answers speak of: a run that asked one mode only does not end what the others say. A policy
 * that no run asked comes from the files, unless the runs are another provider's.
 */
export function policiesOf(runs: readonly StoredRun[]): readonly Mode[] {
  const asked = newestModes(runs);
  const providers = new Set([...asked.values()].filter((m) => m.purpose === 'policy').map((m) => m.provider));
  const files = readModes(['today', 'strict', 'legacy']).filter(
    (m) => !asked.has(m.id) && (providers.size === 0 || providers.has(m.provider)),
  );
  return [...asked.values(), ...files];
}

/** Runs are oldest first. */
function newestModes(runs: readonly StoredRun[]): ReadonlyMap<string, Mode> {
  return new Map(runs.flatMap((r) => r.run.modes.map((m) => [m.id, m])));
}

function withFinding(record: Record, finding: ConcludedFinding | undefined): Record {
  if (finding === undefined) return record;
  const { confidence: _, ...settled } = finding;
  return withFields(record, { ...NO_FINDING, ...settled });
}

const NO_FINDING = { cause: undefined, candidates: undefined, silent: undefined, encrypted: undefined };
