import type { Standing, Standings } from './standings.ts';
import { type EngineName, ENGINES, type VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { RareSenders } from './assess.ts';
import type { Changes } from './changes.ts';
import type { ModeProof } from './proofs.ts';
import type { Criteria } from './read-criteria.ts';

/** One line of the decision: what is asked for, and what was found. The page phrases it. */
export type CriterionResult = { readonly met: boolean } & (
  | { readonly id: 'real-devices'; readonly found: number; readonly atLeast: number }
  | { readonly id: 'unknown'; readonly found: number; readonly of: number; readonly atMostPercent: number }
  | { readonly id: 'stops-working'; readonly found: number; readonly atMost: number }
  /** `untested`: known, and none of their kind was tested at all. */
  | { readonly id: 'rare-senders'; readonly found: number; readonly untested: number; readonly atMost: number }
  /** null: nothing was compared with an accepted state, so nobody knows. */
  | { readonly id: 'changes'; readonly found: number | null; readonly atMost: number }
  | {
      readonly id: 'proof';
      readonly wanting: readonly ProofFault[];
      readonly atMostDays: number;
      readonly engine: EngineName;
    }
);

interface ProofFault {
  readonly mode: string;
  readonly why: 'none' | 'engine' | 'old' | 'contradicts';
}

interface Facts {
  readonly standings: Standings;
  readonly rare: RareSenders;
  readonly changes: Changes | null;
  readonly proofs: readonly ModeProof[];
}

/**
 * In the order in which they decide. That nothing was measured, or not known, never counts as met: an empty folder is
 * no "go".
 */
export function judgeCriteria(facts: Facts, go: Criteria['go']): readonly CriterionResult[] {
  const { standings, rare, changes, proofs } = facts;
  const real = new Set(standings.real.map((s) => s.verdict.device)).size;
  const unsettled = standings.real.filter((s) => s.word === 'unknown').length;
  const nothingKnown = standings.untested.filter((d) => d.claims.length === 0).length;
  const unknown = unsettled + nothingKnown;
  const asked = standings.real.length + nothingKnown;
  const stopped = devicesOf(standings.real, ['stops-working']);
  const rareOpen = devicesOf(rare.tested, WITHOUT_A_WAY);
  // Where there are such devices and not one was tested, silence is no good sign.
  const rareUntested = rare.tested.length === 0 ? rare.untested.length : 0;
  // The run before is no state that anybody has accepted.
  const open = changes?.against.kind === 'baseline' ? changes.real.open.length : null;
  const wanting = proofs.filter((p) => DECIDING_MODES.has(p.mode)).flatMap((proof) => faultOf(proof, go));
  return [
    {
      id: 'real-devices',
      found: real,
      atLeast: go.realDevicesAtLeast,
      met: real >= Math.max(1, go.realDevicesAtLeast),
    },
    {
      id: 'unknown',
      found: unknown,
      of: asked,
      atMostPercent: go.unknownAtMostPercent,
      met: asked > 0 && (100 * unknown) / asked <= go.unknownAtMostPercent,
    },
    {
      id: 'stops-working',
      found: stopped,
      atMost: go.stopsWorkingAtMost,
      met: real > 0 && stopped <= go.stopsWorkingAtMost,
    },
    {
      id: 'rare-senders',
      found: rareOpen,
      untested: rareUntested,
      atMost: go.rareSendersOpenAtMost,
      met: real > 0 && rareUntested === 0 && rareOpen <= go.rareSendersOpenAtMost,
    },
    {
      id: 'changes',
      found: open,
      atMost: go.openChangesAtMost,
      met: open !== null && open <= go.openChangesAtMost,
    },
    {
      id: 'proof',
      wanting,
      atMostDays: go.proofAtMostDays,
      engine: go.proofEngine,
      met: proofs.some((p) => p.mode === 'strict') && wanting.length === 0,
    },
  ];
}

/** What customers meet from the day on; how servers behave until then is known. */
const DECIDING_MODES: ReadonlySet<string> = new Set(['strict', 'legacy']);

const WITHOUT_A_WAY: readonly VerdictWord[] = ['unknown', 'stops-working', 'fails-already'];

/** Devices, not directions. */
function devicesOf(standings: readonly Standing[], words: readonly VerdictWord[]): number {
  return new Set(standings.filter((s) => words.includes(s.word)).map((s) => s.verdict.device)).size;
}

function faultOf({ mode, proven }: ModeProof, go: Criteria['go']): readonly ProofFault[] {
  if (proven === null) return [{ mode, why: 'none' }];
  const { run, proof, ageDays } = proven;
  if (proof.contradictions.length > 0) return [{ mode, why: 'contradicts' }];
  if (ENGINES.indexOf(run.engine) < ENGINES.indexOf(go.proofEngine)) return [{ mode, why: 'engine' }];
  return ageDays > go.proofAtMostDays ? [{ mode, why: 'old' }] : [];
}
