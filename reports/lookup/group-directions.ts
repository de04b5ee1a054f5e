import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import type { DirectionAnswer } from './answers.ts';

/** Directions, together where the same holds of both of them: it is said once then. */
export function groupDirections(directions: readonly DirectionAnswer[]): readonly DirectionGroup[] {
  const [send, fetch] = directions;
  if (send !== undefined && fetch !== undefined && canBeOne(send) && keyOf(send) === keyOf(fetch)) {
    return [[send, fetch]];
  }
  return directions.map((direction): DirectionGroup => [direction]);
}

/** Sending first. */
export type DirectionGroup = readonly [DirectionAnswer, ...DirectionAnswer[]];

/** A measured relay is told in sentences of one direction. */
function canBeOne({ verdict }: DirectionAnswer): boolean {
  return verdict?.relay === undefined;
}

function keyOf({ verdict, standing, unclear, claimed, question, conflict }: DirectionAnswer): string {
  return JSON.stringify([
    told(verdict),
    standing,
    told(unclear),
    claimed.map((c) => [told(c.verdict), c.claim.says.de, c.claim.source.url]),
    question === null ? null : question.options.map(({ value, verdicts }) => [value, verdicts.map(told)]),
    question?.kind,
    conflict,
  ]);
}

/** What is said of it. Each direction has its own setting to enter, and both are shown; tests run one after the other. */
function told(verdict: Verdict | null): unknown {
  if (verdict === null) return null;
  const { direction: _d, trials: _t, setting, measuredAt, ...rest } = verdict;
  return { ...rest, measuredOn: measuredAt.slice(0, 10), hasSetting: setting !== undefined };
}
