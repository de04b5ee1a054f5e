import type { Proof, Run } from '../../harness/vocabulary/run.ts';
import { ENGINES } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';

/** The newest proof of a policy by the servers that are nearest to the provider's own. */
export interface ModeProof {
  readonly mode: string;
  /** null: no run asked the servers of this policy. */
  readonly proven: { readonly run: Run; readonly proof: Proof; readonly ageDays: number } | null;
}

/** One a policy that is in force, was, or will be; controls are none. */
export function proofsOf({
  runs,
  policies,
  asOf,
}: Pick<ReportInput, 'runs' | 'policies' | 'asOf'>): readonly ModeProof[] {
  const all = runs
    .filter((run) => run.watch === undefined)
    .flatMap((run) => run.proofs.map((proof) => ({ run, proof, ageDays: ageOf(run, asOf) })));
  return policies
    .filter((mode) => mode.purpose === 'policy')
    .map(({ id }) => {
      const own = all.filter(({ proof }) => proof.mode === id);
      const nearest = Math.max(...own.map(({ run }) => ENGINES.indexOf(run.engine)));
      return { mode: id, proven: own.findLast(({ run }) => ENGINES.indexOf(run.engine) === nearest) ?? null };
    });
}

/** Whole days; a day that the report speaks of may lie before the run. */
function ageOf(run: Run, asOf: Date): number {
  return Math.max(0, Math.floor((asOf.getTime() - Date.parse(run.startedAt)) / DAY_MS));
}

const DAY_MS = 86_400_000;
