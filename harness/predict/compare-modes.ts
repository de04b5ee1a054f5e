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
 * A client whose end is not known before counts as lost when its hello stops it after: what may still work today must not
 * hide behind it. Where the mode would allow what an engine cannot speak (`not-run`) the end is not known either.
 */
function transitionOf(before: ClientPrediction, after: ClientPrediction): Transition {
  if (isOpen(after)) return 'cannot-be-predicted';
  const does = after.outcome === 'works';
  if (isOpen(before)) return does ? 'cannot-be-predicted' : 'lost';
  if (before.outcome === 'works') return does ? 'still-works' : 'lost';
  return does ? 'gained' : 'still-fails';
}

/** What would come of it is not known. */
export function isOpen({ outcome }: ClientPrediction): boolean {
  return outcome === 'cannot-be-predicted' || outcome === 'not-run';
}

/** Of these, those of one transition, by the cause that decides; most frequent first. */
export function groupByCause<C>(
  compared: readonly Compared<C>[],
  transition: Transition,
): readonly { readonly cause: string; readonly members: readonly Compared<C>[] }[] {
  const groups = Map.groupBy(
    compared.filter((one) => one.transition === transition),
    decidingCause,
  );
  return [...groups]
    .map(([cause, members]) => ({ cause, members }))
    .sort((a, b) => b.members.length - a.members.length || (a.cause < b.cause ? -1 : 1));
}

/** A cause, or the reason why there is no prediction. */
function decidingCause<C>({ before, after, transition }: Compared<C>): string {
  if (transition === 'cannot-be-predicted') return [after, before].find(isOpen)?.because ?? '';
  const side = transition === 'gained' ? before : after;
  return 'cause' in side ? side.cause : 'works';
}
