import type { ServerEvidence } from '../vocabulary/evidence.ts';
import type { Finding } from '../vocabulary/finding.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { type Attempt, addSeen, hasWorked, judgeAttempt, offeredBy } from './attempts.ts';
import { keepFairly } from './fair-share.ts';
import { readVisit } from './read-visit.ts';
import type { Ticket } from './tickets.ts';
import type { AttemptView, TicketView, Tie } from './view.ts';
import type { Visit } from './visit.ts';

/** What was seen, before it is put into words. */
export interface Described {
  readonly attempt: Attempt;
  readonly finding: Finding;
  /** Findings of this ticket's earlier attempts, oldest first. */
  readonly earlier: readonly { readonly attempt: Attempt; readonly finding: Finding }[];
  /** The policy with the provider's own host names, which the customer enters afterwards. */
  readonly mode: Mode;
  readonly live: boolean;
}
export type Describe = (described: Described) => AttemptView['words'];

interface NotebookOptions {
  /** As it is served, under the test host's name. */
  readonly mode: Mode;
  /** As the provider will have it. */
  readonly wanted: Mode;
  readonly unspoken: ServerEvidence['unspoken'];
  readonly describe: Describe;
  readonly now: () => number;
}

/** What devices did, kept in memory until the tickets that it may belong to are closed. */
interface Notebook {
  /** Reads a connection again after it changed. */
  note(visit: Visit, open: readonly Ticket[]): void;
  forget(ticket: Ticket): void;
  forgetAll(): void;
  expire(): void;
  claim(ticket: Ticket, attempt: string): boolean;
  /** No mail has come through yet: what nobody named may be this customer's. */
  isWaiting(ticket: Ticket): boolean;
  viewOf(ticket: Ticket, waiting: number): TicketView;
}

export function createNotebook({ mode, wanted, unspoken, describe, now }: NotebookOptions): Notebook {
  const pages = new Map<string, { readonly attempts: readonly Attempt[]; readonly claimed: ReadonlySet<string> }>();
  let nameless: readonly Attempt[] = [];
  const pageOf = (ticket: Ticket) => pages.get(ticket.id) ?? { attempts: [], claimed: new Set<string>() };
  const isWaiting = (ticket: Ticket) => !pageOf(ticket).attempts.some(hasWorked);

  const render = (attempt: Attempt, tie: Tie, own: readonly Attempt[]): AttemptView => {
    const judged = (a: Attempt) => ({ attempt: a, finding: judgeAttempt(a, mode, unspoken) });
    const { finding } = judged(attempt);
    const live = attempt.seen.some((s) => s.live);
    const first = attempt.seen[0];
    const agreed = attempt.seen.flatMap((s) => s.session?.tls ?? []).at(-1);
    return {
      id: attempt.id,
      tie,
      at: new Date(first?.startedAtMs ?? now()).toISOString(),
      endpoint: { protocol: attempt.endpoint.protocol, port: attempt.endpoint.port },
      connections: attempt.connections,
      live,
      from: first?.source.masked ?? '?',
      sameAddress: own.some((a) => a !== attempt && a.source === attempt.source),
      ehlo: attempt.seen.map((s) => s.ehlo).find((name) => name !== null) ?? null,
      offered: offeredBy(attempt),
      agreed: agreed === undefined ? null : `TLS ${agreed.version}, ${agreed.suite}`,
      outcome: finding.outcome,
      cause: finding.cause ?? null,
      cut: attempt.seen.map((s) => s.cut).find((why) => why !== null) ?? null,
      mails: attempt.seen.flatMap((s) => s.session?.delivered ?? []).map(({ bytes, sha256 }) => ({ bytes, sha256 })),
      words: describe({
        attempt,
        finding,
        earlier: own.slice(0, Math.max(0, own.indexOf(attempt))).map(judged),
        mode: wanted,
        live,
      }),
    };
  };

  return {
    note(visit, open) {
      const { ticket } = visit;
      // Reading costs a parser's run: of those that have not named a code only the end is read.
      if (ticket === null && !visit.ended) return;
      const isOpen = ticket !== null && open.includes(ticket);
      if (ticket !== null && !isOpen) return;
      const seen = readVisit(visit);
      if (seen === null) return;
      if (ticket === null) {
        nameless = keepFairly(addSeen(nameless, seen), KEPT_NAMELESS, sourcesOf([...pages.values()]));
        return;
      }
      const page = pageOf(ticket);
      pages.set(ticket.id, { ...page, attempts: addSeen(page.attempts, seen).slice(-KEPT_ATTEMPTS) });
    },
    forget(ticket) {
      pages.delete(ticket.id);
    },
    forgetAll() {
      pages.clear();
      nameless = [];
    },
    expire() {
      nameless = nameless.filter((a) => now() - lastMs(a) < NAMELESS_MS);
    },
    claim(ticket, id) {
      const attempt = nameless.find((a) => a.id === id && couldBe(a, ticket));
      if (attempt === undefined || !isWaiting(ticket)) return false;
      nameless = nameless.filter((a) => a !== attempt);
      const page = pageOf(ticket);
      const attempts = [...page.attempts, attempt].sort((a, b) => firstMs(a) - firstMs(b)).slice(-KEPT_ATTEMPTS);
      pages.set(ticket.id, { attempts, claimed: new Set([...page.claimed, id]) });
      return true;
    },
    isWaiting,
    viewOf(ticket, waiting) {
      const { attempts, claimed } = pageOf(ticket);
      const tie: Tie = waiting === 1 ? 'likely' : 'maybe';
      const possible = isWaiting(ticket) ? nameless.filter((a) => couldBe(a, ticket)) : [];
      const maybe = keepFairly(possible, SHOWN_NAMELESS, sourcesOf([{ attempts }]));
      return {
        id: ticket.id,
        code: `${ticket.code.slice(0, 4)} ${ticket.code.slice(4)}`,
        note: ticket.note,
        openedAt: new Date(ticket.openedAtMs).toISOString(),
        expiresAt: new Date(ticket.expiresAtMs).toISOString(),
        attempts: attempts.map((a) => render(a, claimed.has(a.id) ? 'claimed' : 'code', attempts)),
        maybe: maybe.toReversed().map((a) => render(a, tie, [...attempts, a])),
      };
    },
  };
}

/** Addresses that are known to be those of a call. */
function sourcesOf(pages: readonly { readonly attempts: readonly Attempt[] }[]): ReadonlySet<string> {
  return new Set(pages.flatMap(({ attempts }) => attempts.map((a) => a.source)));
}

/** Of one ticket, and of all that named none: more is a device in a loop, or a scanner. */
const KEPT_ATTEMPTS = 30;
const KEPT_NAMELESS = 60;
const SHOWN_NAMELESS = 12;
/** What nobody has claimed by then was not seen by anybody on the phone. */
const NAMELESS_MS = 15 * 60_000;

/** Only what came after the ticket was opened. */
function couldBe(attempt: Attempt, ticket: Ticket): boolean {
  return lastMs(attempt) >= ticket.openedAtMs;
}

function firstMs(attempt: Attempt): number {
  return attempt.seen[0]?.startedAtMs ?? 0;
}

function lastMs(attempt: Attempt): number {
  return attempt.seen.at(-1)?.startedAtMs ?? 0;
}
