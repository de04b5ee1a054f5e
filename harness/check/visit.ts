import type { Relayed } from '../tap-relay.ts';
import type { ServerSession } from '../vocabulary/evidence.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import type { Capture } from '../wire/capture.ts';
import type { Source } from './source.ts';
import type { Ticket } from './tickets.ts';

export interface VisitFacts {
  readonly number: number;
  readonly endpoint: Endpoint;
  readonly source: Source;
  readonly startedAtMs: number;
}

/** One connection that was let in, from its beginning until what is known of it was read. */
export class Visit {
  readonly facts: VisitFacts;
  /** Whose code it has named. */
  ticket: Ticket | null = null;
  /** Why we ended it, or null. */
  cutBecause: string | null = null;
  ended = false;
  #relay: Relayed | null = null;
  #session: (marker: string) => ServerSession | null = () => null;

  constructor(facts: VisitFacts) {
    this.facts = facts;
  }

  carriedBy(relay: Relayed): void {
    this.#relay = relay;
    if (this.cutBecause !== null) relay.abort();
  }

  witnessed(read: (marker: string) => ServerSession | null): void {
    this.#session = read;
  }

  /** Source port towards the servers; 0: not there yet. */
  get tapPort(): number {
    return this.#relay?.tapPort ?? 0;
  }

  read(): { readonly capture: Capture | null; readonly session: ServerSession | null } {
    return { capture: this.#relay?.capture() ?? null, session: this.#session(this.ticket?.marker ?? '') };
  }

  abort(why: string): void {
    this.cutBecause ??= why;
    this.#relay?.abort();
  }

  end(): void {
    this.ended = true;
  }
}
