import { isTrouble } from '../causes.ts';
import type { Excuse, ExcuseFault } from '../vocabulary/comparison.ts';
import type { Baseline } from './baseline.ts';
import { judgeExcuse } from './judge-excuse.ts';
import type { Scope } from './scope.ts';
import { type Answer, sparedKey, type State } from './state.ts';

export interface AcceptOptions {
  /** What the run would have asked: what it did not ask of that is gone. */
  readonly scope: Scope;
  /** Only what was answered is accepted, and nothing is gone. */
  readonly partial: boolean;
  readonly at: Date;
}

export interface Accepted {
  readonly baseline: Baseline;
  /** Excuses that ended. */
  readonly ended: readonly { readonly key: string; readonly excuse: Excuse; readonly fault: ExcuseFault }[];
  /** Excuses that stay although their day has passed: a person renews or removes them. */
  readonly expired: readonly string[];
  /** Keys of the accepted state that the run says nothing of. */
  readonly kept: number;
}

/**
 * The accepted state with a run's answers in place of its own. What the run did not ask stays, and so do excuses for
 * what still does not work. Trouble of a device's control is no answer: what was accepted before stays.
 */
export function acceptRun(old: Baseline | null, run: State, options: AcceptOptions): Accepted {
  const { scope, partial, at } = options;
  const fresh = [...run.answers.values()].filter((a) => !partial || !isTrouble(a.found.cause));
  const taken = new Set(fresh.map((a) => a.key));
  const staying = [...(old?.state.answers.values() ?? [])].filter(
    (a) => !taken.has(a.key) && (partial || !scope(a) || run.spared.has(sparedKey(a))),
  );
  const answers = new Map([...staying, ...fresh].map((a) => [a.key, withoutEvidence(a)]));
  const judged = [...(old?.excuses ?? [])].map(([key, excuse]) => {
    const isAsked = taken.has(key) || !answers.has(key);
    return { key, excuse, fault: isAsked ? judgeExcuse(excuse, answers.get(key), at) : null };
  });
  const ended = judged.flatMap(({ key, excuse, fault }) =>
    fault === null || fault === 'expired' ? [] : [{ key, excuse, fault }],
  );
  const gone = new Set(ended.map((e) => e.key));
  return {
    baseline: {
      state: { name: run.name, at: at.toISOString(), answers, spared: new Map() },
      excuses: new Map([...(old?.excuses ?? [])].filter(([key]) => !gone.has(key))),
      run: run.name,
    },
    ended,
    expired: judged.flatMap(({ key, fault }) => (fault === 'expired' ? [key] : [])),
    kept: staying.length,
  };
}

/** Evidence stays where the run is. */
function withoutEvidence(answer: Answer): Answer {
  const { evidence: _, ...rest } = answer;
  return rest;
}
