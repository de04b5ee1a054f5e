import { isFlaky, isSame } from '../judging/repeats.ts';
import { type ChangeKind, type Comparison, type Difference, type Excuse } from '../vocabulary/comparison.ts';
import { explain } from './explain.ts';
import { judgeExcuse } from './judge-excuse.ts';
import { type Pair, pairAnswers } from './pair-answers.ts';
import type { Scope } from './scope.ts';
import { type State, trialOf } from './state.ts';

export interface CompareOptions {
  readonly against: 'baseline' | 'run';
  readonly scope: Scope;
  /** By key of the earlier state. */
  readonly excuses: ReadonlyMap<string, Excuse>;
  /** The day on which excuses must hold. */
  readonly asOf: Date;
}

/** What is not the same in a later state, why, and who answers for it. Pure. */
export function compareStates(before: State, after: State, options: CompareOptions): Comparison {
  const counts: Record<ChangeKind, number> = {
    same: 0,
    regressed: 0,
    fixed: 0,
    changed: 0,
    flaky: 0,
    new: 0,
    missing: 0,
  };
  const differences: Difference[] = [];
  for (const pair of pairAnswers(before, after, options.scope)) {
    const difference = comparePair(pair, options);
    counts[difference.kind] += 1;
    if (difference.kind !== 'same' || difference.excuse !== undefined) differences.push(difference);
  }
  differences.sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    v: 1,
    against: { kind: options.against, name: before.name, at: before.at },
    run: after.name,
    counts,
    differences,
  };
}

function comparePair(pair: Pair, { excuses, asOf }: Pick<CompareOptions, 'excuses' | 'asOf'>): Difference {
  const { before, after } = pair;
  const about = after ?? before;
  if (about === undefined) throw new Error('a pair without a question');
  const kind = kindOf(pair);
  const key = before?.key ?? about.key;
  const excuse = excuses.get(key);
  const fault = excuse === undefined ? null : judgeExcuse(excuse, after, asOf);
  const { device, direction, mode, engine } = about;
  return {
    key,
    trial: trialOf(about),
    device,
    direction,
    mode,
    engine,
    kind,
    ...(before === undefined ? {} : { before: before.found }),
    ...(after === undefined ? {} : { after: after.found }),
    firmware: {
      ...(before === undefined ? {} : { before: before.firmware }),
      ...(after === undefined ? {} : { after: after.firmware }),
    },
    because: before === undefined || after === undefined || kind === 'same' ? [] : [...explain(before, after)],
    ...(kind === 'flaky' && after !== undefined ? { answers: [...after.answers] } : {}),
    ...(excuse === undefined ? {} : { excuse }),
    ...(fault === null ? {} : { excuseFault: fault }),
  };
}

export function kindOf({ before, after }: Pair): ChangeKind {
  if (before === undefined) return 'new';
  if (after === undefined) return 'missing';
  if (isFlaky(after.answers)) return isFlaky(before.answers) ? 'same' : 'flaky';
  if (isSame(before.found, after.found)) return 'same';
  const [from, to] = [before.found.outcome, after.found.outcome];
  if (from === 'works' && to === 'fails') return 'regressed';
  return from === 'fails' && to === 'works' ? 'fixed' : 'changed';
}
