import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Account } from '../servers/contract.ts';
import { createMailStore, type EmbeddedMailStore } from '../servers/mail-store.ts';
import { createGuessLimit } from './guess-limit.ts';
import type { CheckLimits } from './limits.ts';
import type { Source } from './source.ts';

/** One call: whoever names its code is that customer's device. */
export interface Ticket {
  readonly id: string;
  readonly code: string;
  /** Who opened it: nobody else sees it. */
  readonly agent: string;
  /** The agent's own words, e.g. the number of the ticket in their system. */
  readonly note: string;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** A mailbox of its own, with one mail to fetch. */
  readonly store: EmbeddedMailStore;
  readonly account: Account;
  readonly marker: string;
}

export interface TicketBook {
  /** null: as many are open as may be. */
  open(agent: string, note: string): Ticket | null;
  close(id: string): Ticket | null;
  /** Open ones, oldest first. */
  all(): readonly Ticket[];
  /** Closes and returns those whose time is over. */
  expire(): readonly Ticket[];
  /** The ticket whose code this is; null for everything else, be it wrong, over, or one guess too many. */
  redeem(name: string, source: Source): Ticket | null;
}

export function createTicketBook(limits: CheckLimits, now: () => number): TicketBook {
  const tickets = new Map<string, { readonly ticket: Ticket; readonly digest: Buffer }>();
  const guesses = createGuessLimit(limits, now);
  const secret = randomBytes(32);
  const digestOf = (code: string) => createHmac('sha256', secret).update(code).digest();
  const expire = () => {
    const over = [...tickets.values()].map((t) => t.ticket).filter((t) => t.expiresAtMs <= now());
    for (const { id } of over) tickets.delete(id);
    return over;
  };

  return {
    open(agent, note) {
      if (tickets.size >= limits.tickets) return null;
      const code = randomCode();
      const openedAtMs = now();
      const store = createMailStore();
      const ticket: Ticket = {
        id: `t-${randomBytes(6).toString('hex')}`,
        code,
        agent,
        note: note.slice(0, NOTE_LENGTH),
        openedAtMs,
        expiresAtMs: openedAtMs + limits.ticketMs,
        store,
        account: store.openAccount(),
        marker: `cutover-${randomBytes(8).toString('hex')}`,
      };
      tickets.set(ticket.id, { ticket, digest: digestOf(code) });
      return ticket;
    },
    close(id) {
      const held = tickets.get(id);
      tickets.delete(id);
      return held?.ticket ?? null;
    },
    all: () => [...tickets.values()].map((t) => t.ticket),
    expire,
    redeem(name, source) {
      const digest = digestOf(readCode(name));
      // All are compared, each in constant time: how long it takes tells nothing about a code.
      let found: Ticket | null = null;
      for (const held of tickets.values()) {
        if (timingSafeEqual(held.digest, digest) && held.ticket.expiresAtMs > now()) found = held.ticket;
      }
      if (!guesses.mayTry(source.key)) return null;
      if (found === null) guesses.wrong(source.key, digest.toString('base64'));
      return found;
    },
  };
}

/** No vowels, so that no word comes out, and nothing that looks or sounds like another: 22^8 = 5.5e10 codes. */
const CODE_LETTERS = 'CDFGHJKMNPQRTVWXY34679';
const CODE_LENGTH = 8;
const NOTE_LENGTH = 80;

function randomCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
}

/** As people type it: in small letters, with a blank or hyphen in the middle, with the test host behind it. */
function readCode(name: string): string {
  return name.slice(0, 200).split('@', 1).join('').replaceAll(/[\s-]/g, '').toUpperCase();
}
