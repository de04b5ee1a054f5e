import type { Answer } from './state.ts';

/** Whether a run would have asked a question that another state knows: what a narrower run leaves out is not missing. */
export type Scope = (question: Pick<Answer, 'device' | 'mode' | 'engine' | 'scenario' | 'facts'>) => boolean;

export interface Asked {
  readonly engine: Answer['engine'];
  /** Ids of its policies. */
  readonly modes: ReadonlySet<string>;
  /** null: not known, so all that any answer names. */
  readonly scenarios: ReadonlySet<string> | null;
  /** Whether the run was meant for a device, be there one or not. */
  readonly device: (id: string, kind: string | undefined) => boolean;
}

export function scopeOf({ engine, modes, scenarios, device }: Asked): Scope {
  return (q) =>
    q.engine === engine &&
    modes.has(q.mode) &&
    (scenarios === null || scenarios.has(q.scenario)) &&
    device(q.device, q.facts?.kind);
}
