import type { Comparison, Difference } from '../../harness/vocabulary/comparison.ts';
import { isEmulated } from '../../harness/vocabulary/emulated.ts';
import type { ReportInput } from '../contract.ts';
import { isFailing } from '../../harness/regression/judge-comparison.ts';
import { flakyRate, hasChanged } from '../differences.ts';

export interface Changes {
  readonly against: Comparison['against'];
  /** The run that was compared. */
  readonly run: string;
  /** Of real devices; questions that are as accepted are counted by the comparison only. */
  readonly real: ChangeSet;
  readonly emulated: ChangeSet;
}

interface ChangeSet {
  /** What nobody answers for, one entry a device, and groups of what is the same about several. */
  readonly open: readonly Difference[];
  readonly openGroups: readonly ChangeGroup[];
  readonly acceptedGroups: readonly ChangeGroup[];
  /** Asked on one side only. */
  readonly added: readonly Difference[];
  readonly missing: readonly Difference[];
}

/** Differences of one kind in one mode, with the same before and after, the same reason and the same excuse. */
export interface ChangeGroup {
  readonly first: Difference;
  readonly differences: readonly Difference[];
}

/** null: no run was compared with anything. `day`: on which excuses must hold; the run was compared on another. */
export function changesOf({ comparison, devices, records }: ReportInput, day: string): Changes | null {
  if (comparison === undefined) return null;
  const emulated = new Set([
    ...devices.filter(isEmulated).map((d) => d.id),
    ...records.filter((r) => r.device.emulated).map((r) => r.device.id),
  ]);
  const { against, run } = comparison;
  const differences = comparison.differences.map((d) => onDay(d, day));
  return {
    against,
    run,
    // A device that nobody knows any more is taken for a real one: in doubt it counts.
    real: setOf(differences.filter((d) => !emulated.has(d.device))),
    emulated: setOf(differences.filter((d) => emulated.has(d.device))),
  };
}

function onDay(difference: Difference, day: string): Difference {
  const { excuse, excuseFault } = difference;
  const isOver = excuse !== undefined && excuseFault === undefined && excuse.expires < day;
  return isOver ? { ...difference, excuseFault: 'expired' } : difference;
}

function setOf(differences: readonly Difference[]): ChangeSet {
  const open = differences.filter(isFailing);
  const accepted = differences.filter((d) => hasChanged(d) && !isFailing(d));
  return {
    open,
    openGroups: groupsOf(open),
    acceptedGroups: groupsOf(accepted),
    added: differences.filter((d) => d.kind === 'new' && !isFailing(d)),
    missing: differences.filter((d) => d.kind === 'missing' && !isFailing(d)),
  };
}

/** What nothing known explains comes first, then what has no reason, as an excuse that has expired. */
function groupsOf(differences: readonly Difference[]): readonly ChangeGroup[] {
  const groups = [...Map.groupBy(differences, keyOf).values()].flatMap((own): readonly ChangeGroup[] => {
    const [first] = own;
    return first === undefined ? [] : [{ first, differences: own }];
  });
  const rank = ({ first: { because } }: ChangeGroup) =>
    because.some((r) => r.what === 'nothing-known') ? 0 : because.length === 0 ? 1 : 2;
  return groups.sort((a, b) => rank(a) - rank(b) || b.differences.length - a.differences.length);
}

function keyOf({ kind, mode, before, after, because, answers, excuse, excuseFault }: Difference): string {
  const rate = answers === undefined ? null : flakyRate(answers);
  return JSON.stringify([kind, mode, before, after, because, rate, excuse, excuseFault]);
}
