import type { ClientPrediction } from './predict-client.ts';

/** What becomes of a client when one mode takes the place of another; both sides are predictions. */
export type Transition = 'lost' | 'gained' | 'still-works' | 'still-fails' | 'cannot-be-predicted';

export interface Compared<C> {
  readonly client: C;
  readonly before: ClientPrediction;
  readonly after: ClientPrediction;
  readonly transition: Transition;
}

export function compareModes<C>(
  clients: readonly C[],
  before: (client: C) => ClientPrediction,
  after: (client: C) => ClientPrediction,
): readonly Compared<C>[] {
  return clients.map((client) => {
    const sides = { before: before(client), after: after(client) };
    return { client, ...sides, transition: transitionOf(sides.before, sides.after) };
  });
}

/**
 * A client whose end is not known before counts as lost when the hello alone stops it after: then it is known. Nothing
 * else can be said of a side that cannot be predicted.
 */
function transitionOf(before: ClientPrediction, after: ClientPrediction): Transition {
  if (after.outcome === 'cannot-be-predicted') return 'cannot-be-predicted';
  if (before.outcome === 'cannot-be-predicted')
    return after.outcome === 'works' ? 'cannot-be-predicted' : 'still-fails';
  const [did, does] = [before.outcome === 'works', after.outcome === 'works'];
  if (did) return does ? 'still-works' : 'lost';
  return does ? 'gained' : 'still-fails';
}

/** Of these, those of one transition, by the cause that decides; most frequent first. */
export function groupByCause<C>(
  compared: readonly Compared<C>[],
  transition: Transition,
): readonly { readonly cause: string; readonly members: readonly Compared<C>[] }[] {
  const groups = new Map<string, Compared<C>[]>();
  for (const one of compared.filter((c) => c.transition === transition)) {
    const cause = decidingCause(one);
    groups.set(cause, [...(groups.get(cause) ?? []), one]);
  }
  return [...groups.entries()]
    .map(([cause, members]) => ({ cause, members }))
    .sort((a, b) => b.members.length - a.members.length || (a.cause < b.cause ? -1 : 1));
}

/** A cause, or the reason why there is no prediction. */
function decidingCause<C>({ before, after, transition }: Compared<C>): string {
  const side = transition === 'gained' ? before : after;
  if ('cause' in side) return side.cause;
  const unknown = [after, before].find(({ outcome }) => outcome === 'cannot-be-predicted');
  return unknown?.because ?? 'works';
}
