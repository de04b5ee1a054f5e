import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, MailStore } from '../contract.ts';
import { findMarkers, MARKER_WINDOW_BYTES } from '../markers.ts';
import { NoAnswer } from '../proof/client.ts';
import { measureMail, renderMail } from '../waiting-mail.ts';
import type { ImapVisit } from './imap-visit.ts';

/** The operator's test account as the mail of a run: what is put there, and what is seen there. */
export interface AccountMail extends MailStore, AsyncDisposable {
  /** Resolves when what was put and cleared is done. */
  ready(): Promise<void>;
  /** The waiting mail with this marker was read in full, or taken away: somebody fetched it. */
  fetched(marker: string): boolean;
  /** Looks until something of the trials that were asked about last has come, for at most ARRIVAL_MS. */
  settled(signal?: AbortSignal): Promise<void>;
  /** Set while the mailbox does not answer. */
  readonly trouble: string | null;
}

/** Mail to oneself passes a provider's filters and queues; what comes later is still seen, as a late arrival. */
const ARRIVAL_MS = 5_000;
/** Most mails are there within a fifth of a second; for the others the mailbox is asked no more than once a second. */
const LOOK_AGAIN_MS = [200, 500];
const LOOK_EVERY_MS = 1_000;

/**
 * The mailbox is looked at over IMAP, one connection at a time, and only where a trial waits for it. Mails that were there
 * before, and mails without a marker that this run knows, are never touched.
 */
export async function openAccountMail(account: Account, visit: () => Promise<ImapVisit>): Promise<AccountMail> {
  const firstUid = await withVisit(visit, (inbox) => inbox.next());
  const marks = new Map<string, MarkerState>();
  const read = new Map<number, readonly string[]>();
  let trouble: string | null = null;
  let queue: Promise<void> = Promise.resolve();

  /** One visit after the other; a failed one is the mailbox's trouble until the next succeeds. */
  const enqueue = (work: (inbox: ImapVisit) => Promise<void>): Promise<void> => {
    queue = queue.then(async () => {
      try {
        await withVisit(visit, work);
        trouble = null;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        trouble = `the mailbox of ${account.user} could not be used: ${error.message}`;
      }
    });
    return queue;
  };
  const stateOf = (marker: string): MarkerState => {
    const known = marks.get(marker) ?? { waiting: false, waitingUid: null, fetched: false, arrived: 0 };
    marks.set(marker, known);
    return known;
  };
  const look = (): Promise<void> =>
    enqueue(async (inbox) => {
      const present = await inbox.since(firstUid);
      for (const uid of present) {
        if (read.has(uid)) continue;
        const head = await inbox.peek(uid, MARKER_WINDOW_BYTES);
        if (head !== null) read.set(uid, findMarkers(head));
      }
      await inbox.remove(takeArrived(read, marks, present));
      for (const state of marks.values()) {
        if (state.waitingUid === null || state.fetched) continue;
        state.fetched = !present.includes(state.waitingUid) || (await inbox.isSeen(state.waitingUid));
      }
    });
  const clear = (): void => {
    void enqueue(async (inbox) => {
      await inbox.remove([...marks.values()].flatMap(({ waitingUid }) => waitingUid ?? []));
      for (const state of marks.values()) state.waitingUid = null;
    });
  };

  return {
    get trouble() {
      return trouble;
    },
    openAccount: () => account,
    putMail(to, marker, sizeBytes) {
      stateOf(marker).waiting = true;
      const mail = { marker, to: to.address, date: new Date() };
      const bytes = measureMail(mail, sizeBytes);
      void enqueue((inbox) => inbox.append(renderMail({ ...mail, uid: 0, bytes, flags: new Set() })));
      void look();
    },
    clearMail: clear,
    arrived(marker) {
      return stateOf(marker).arrived;
    },
    fetched(marker) {
      return stateOf(marker).fetched;
    },
    ready: () => queue,
    async settled(signal) {
      const before = seenIn(marks);
      const endMs = performance.now() + ARRIVAL_MS;
      for (let looks = 0; ; looks += 1) {
        await look();
        signal?.throwIfAborted();
        if (trouble !== null || seenIn(marks) !== before || isComplete(marks) || performance.now() > endMs) return;
        await sleep(LOOK_AGAIN_MS[looks] ?? LOOK_EVERY_MS, undefined, signal === undefined ? {} : { signal });
      }
    },
    async [Symbol.asyncDispose]() {
      clear();
      await queue;
    },
  };
}

interface MarkerState {
  /** It was put there to be fetched: its mail is no arrival. */
  waiting: boolean;
  waitingUid: number | null;
  fetched: boolean;
  arrived: number;
}

/** Counts what came for known markers, and returns the mails of this run that have served. */
function takeArrived(
  read: Map<number, readonly string[]>,
  marks: ReadonlyMap<string, MarkerState>,
  present: readonly number[],
): number[] {
  const served: number[] = [];
  for (const [uid, markers] of read) {
    const known = markers.flatMap((marker) => marks.get(marker) ?? []);
    if (known.length === 0) continue;
    for (const state of known) {
      if (state.waiting) state.waitingUid ??= uid;
      else state.arrived += 1;
    }
    read.set(uid, []);
    if (!known.some(({ waiting }) => waiting) && present.includes(uid)) served.push(uid);
  }
  return served;
}

function seenIn(marks: ReadonlyMap<string, MarkerState>): number {
  return [...marks.values()].reduce((sum, { arrived, fetched }) => sum + arrived + (fetched ? 1 : 0), 0);
}

/** Of the trial that was begun last. */
function isComplete(marks: ReadonlyMap<string, MarkerState>): boolean {
  const last = [...marks.values()].at(-1);
  return last === undefined || last.arrived > 0 || last.fetched;
}

async function withVisit<T>(visit: () => Promise<ImapVisit>, work: (inbox: ImapVisit) => Promise<T>): Promise<T> {
  await using inbox = await visit();
  return await work(inbox);
}
