import { setTimeout as sleep } from 'node:timers/promises';
import { createDeadline, renderLimit } from '../deadline.ts';
import { LabFault } from '../faults.ts';
import { PlainText } from './plain-text.ts';
import type { Hit, Session, Transcript, Waiting } from './session.ts';
import { runInShell } from './shell-run.ts';
import { createRecorder, type Recorder, type TextRedactor } from './transcript.ts';

/** What a driver carries: the far end of a console. Calls after the end do nothing. */
export interface Carrier {
  /** For messages: "sh (pty)", "ssh://root@10.0.0.7:22". */
  readonly endpoint: string;
  write(text: string): void;
  /** Stops reading, so that a flooding console blocks instead of filling memory. */
  pause(): void;
  /** Ends the far end and waits until it is gone. Called once. */
  close(): Promise<void>;
}

export interface ConsoleOptions {
  readonly cols?: number;
  readonly rows?: number;
  /** Blanked in every transcript. */
  readonly secrets?: readonly string[];
  /** For secrets in other encodings: see harness/redact.ts. */
  readonly redactor?: TextRedactor;
  readonly facts?: Readonly<Record<string, string>>;
  /** Used where a wait names no limits of its own. */
  readonly waiting?: Waiting;
  /** Ends a wait at once: the run was stopped. */
  readonly signal?: AbortSignal;
}

/** A session and its two inlets for the driver. */
export interface OpenConsole {
  readonly session: Session;
  receive(bytes: Uint8Array): void;
  /** No more will come; `reason` continues "the console ended: ". */
  end(reason: string): void;
}

/** Defaults of a device's `patience`. */
const DEFAULT_WAITING = { idleMs: 15_000, totalMs: 120_000 };
/** Characters. A scan's progress or a boot log stays far below; `yes` passes it within a second. */
const MAX_UNCONSUMED = 1024 * 1024;
const MAX_IN_ONE_WAIT = 8 * 1024 * 1024;
/** A match begun further back than this cannot be completed by new text; keeps searching linear in the output. */
const SEARCH_BACK = 64 * 1024;
const LONG_TEXT = 64 * 1024;
const GATHER_MS = 5;

/** The expect engine that every driver shares: output comes in, waits are served in the order of their text. */
export function createConsole(carrier: Carrier, options: ConsoleOptions = {}): OpenConsole {
  return new Console(carrier, options);
}

class Console implements OpenConsole, Session {
  readonly session: Session = this;
  readonly facts: Readonly<Record<string, string>>;
  readonly #carrier: Carrier;
  readonly #options: ConsoleOptions;
  readonly #plain: PlainText;
  readonly #recorder: Recorder;
  #ended: string | null = null;
  #flooded: string | null = null;
  #wake: (() => void) | null = null;
  #received = 0;
  #closing: Promise<void> | null = null;

  constructor(carrier: Carrier, options: ConsoleOptions) {
    this.#carrier = carrier;
    this.#options = options;
    this.facts = options.facts ?? {};
    // What a terminal answers by itself is nothing that anybody typed.
    this.#plain = new PlainText((reply) => this.#write(reply));
    this.#recorder = createRecorder(options);
  }

  receive(bytes: Uint8Array): void {
    if (this.#flooded !== null || this.#ended !== null) return;
    this.#recorder.output(bytes);
    this.#received += this.#plain.push(bytes);
    this.#wake?.();
    if (this.#plain.text.length > MAX_UNCONSUMED) this.#flood(`more than ${MAX_UNCONSUMED} characters unasked for`);
  }

  end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#recorder.ended();
    this.#wake?.();
  }

  send(text: string, options: { readonly secret?: boolean; readonly lineEnd?: string } = {}): void {
    if (options.secret === true) this.#recorder.addSecret(text);
    this.#type(text + (options.lineEnd ?? '\r'));
  }

  async expect<K extends string>(cases: Readonly<Record<K, RegExp>>, waiting: Waiting = {}): Promise<Hit<K>> {
    if (this.#wake !== null) throw new Error('two waits on one console at the same time');
    using deadline = createDeadline({
      ...DEFAULT_WAITING,
      ...this.#options.waiting,
      ...waiting,
      ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
    });
    const search = createSearch(cases, waiting.lastCharacters ?? Number.POSITIVE_INFINITY);
    const before = this.#received;
    try {
      for (;;) {
        const found = search(this.#plain.text);
        if (found !== null) return this.#consume(found.hit, found.match);
        const fault = this.#fault(Object.keys(cases), deadline.hit === null ? null : renderLimit(deadline.hit));
        if (fault !== null) throw fault;
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        const raced = await deadline.race(woken);
        if (raced.kind === 'finished') deadline.moved();
        // Searching copies the text: done for each small chunk of a long output it took 1.3 s to see that `yes` floods.
        if (this.#plain.text.length > LONG_TEXT) await sleep(GATHER_MS);
        if (this.#received - before > MAX_IN_ONE_WAIT) this.#flood(`over ${MAX_IN_ONE_WAIT} characters in one wait`);
      }
    } finally {
      this.#wake = null;
    }
  }

  async run(command: string, waiting: Waiting = {}): Promise<{ readonly output: string; readonly exitCode: number }> {
    return runInShell(this, command, waiting);
  }

  async takeTranscript(): Promise<Transcript> {
    return this.#recorder.take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#carrier.close();
    await this.#closing;
    this.end('it was closed');
  }

  #type(text: string): void {
    this.#recorder.input(text);
    this.#write(text);
  }

  #write(text: string): void {
    if (this.#ended === null) this.#carrier.write(text);
  }

  #consume<K extends string>(hit: K, match: RegExpExecArray): Hit<K> {
    const before = this.#plain.text.slice(0, match.index);
    this.#plain.consume(match.index + match[0].length);
    return { hit, match, before };
  }

  #flood(what: string): void {
    if (this.#flooded !== null) return;
    this.#flooded = what;
    this.#carrier.pause();
    this.#wake?.();
  }

  #fault(waitedFor: readonly string[], limit: string | null): LabFault | null {
    const details = { stage: 'wait', endpoint: this.#carrier.endpoint } as const;
    if (this.#flooded !== null) {
      const advice = 'Look at the transcript: the device may be in a debug mode or in a loop. Restart it.';
      return new LabFault('console-flood', `the console floods: ${this.#flooded}`, { ...details, advice });
    }
    if (this.#ended === null && limit === null) return null;
    const about = `while waiting for ${waitedFor.join(' or ')}${this.#lastWords()}`;
    if (this.#ended !== null) {
      return new LabFault('console-ended', `the console ended (${this.#ended}) ${about}`, details);
    }
    const { signal } = this.#options;
    if (signal?.aborted === true) {
      return new LabFault('console-ended', `${limit} ${about}`, { ...details, cause: signal.reason });
    }
    return new LabFault('console-timeout', `${limit} ${about}`, details);
  }

  /** What a person needs most when a wait fails: the last thing on the screen, secrets blanked. */
  #lastWords(): string {
    const words = this.#recorder.blank(this.#plain.text).slice(-LAST_WORDS);
    return words === '' ? '; it had printed nothing new' : `; its last words: ${JSON.stringify(words)}`;
  }
}

const LAST_WORDS = 200;

interface Found<K extends string> {
  readonly hit: K;
  readonly match: RegExpExecArray;
}

/** Searches growing text: the earliest match wins, on a tie the case that is listed first. */
function createSearch<K extends string>(
  cases: Readonly<Record<K, RegExp>>,
  lastCharacters: number,
): (text: string) => Found<K> | null {
  const searchers: { readonly name: K; readonly regExp: RegExp }[] = [];
  for (const name in cases) {
    const { source, flags } = cases[name];
    searchers.push({ name, regExp: new RegExp(source, `${flags.replaceAll(/[gy]/g, '')}g`) });
  }
  let searched = 0;
  return (text) => {
    let best: Found<K> | null = null;
    for (const { name, regExp } of searchers) {
      regExp.lastIndex = Math.max(0, searched - SEARCH_BACK, text.length - lastCharacters);
      const match = regExp.exec(text);
      if (match !== null && (best === null || match.index < best.match.index)) best = { hit: name, match };
    }
    searched = text.length;
    return best;
  };
}
