import type { Finding } from '../vocabulary/finding.ts';
import type { ChangedFinding, JudgedRun } from './judge-run.ts';

/** More trials of a group would hide the next group; `--json` has all. */
const SHOWN = 5;

/**
 * What judging again changed, for QA: changes of the same kind in the same mode are one group, the largest first, with
 * the reasons of its first trial.
 */
export function renderJudged(runs: readonly JudgedRun[]): string {
  const changes = runs.flatMap((r) => r.changes);
  const count = runs.reduce((n, r) => n + r.count, 0);
  const reworded = runs.reduce((n, r) => n + r.reworded, 0);
  const groups = [...Map.groupBy(changes, kindOf).values()].toSorted((a, b) => b.length - a.length);
  return [
    ...groups.flatMap(renderGroup),
    `${count - changes.length} of ${count} findings are the same when judged again.`,
    ...(reworded === 0 ? [] : [`${reworded} of them give their reasons in other words.`]),
  ].join('\n');
}

function kindOf({ was, now, mode }: ChangedFinding): string {
  return `was ${wordsOf(was)}, now ${wordsOf(now)}, in ${mode}`;
}

function renderGroup(group: readonly ChangedFinding[]): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const more = group.length - SHOWN;
  return [
    `${group.length} ${group.length === 1 ? 'finding' : 'findings'}: ${kindOf(first)}`,
    `  was, because: ${first.was.because.join(' ')}`,
    `  now, because: ${first.now.because.join(' ')}`,
    ...group.slice(0, SHOWN).map(({ trial }) => `    ${trial}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    '',
  ];
}

function wordsOf({ outcome, cause, candidates, silent, encrypted }: Finding): string {
  const open = candidates === undefined || candidates.length < 2 ? '' : `(${candidates.join(' or ')})`;
  const clear = encrypted === false ? 'in the clear' : '';
  return [outcome, cause, open, silent === true ? 'silently' : '', clear].filter(Boolean).join(' ');
}
