import type { Connection, Side } from '../vocabulary/evidence.ts';
import type { Protocol } from '../vocabulary/trial.ts';
import {
  announcedLiteral,
  DOTTED,
  type Expected,
  type OpenCommand,
  quotedBodies,
  type Reading,
  readClientLine,
  readReply,
  REFUSED_MAIL,
  type Reply,
  type Waiting,
} from './mail-grammar.ts';

/** Parts of a line that are secret by their place, as [start, end). */
type Secrets = readonly (readonly [number, number])[];

/** Unknown lines of a client that are told one by one; what comes behind them is told as bodies, as mails are. */
const MAX_UNKNOWN = 100;

/** What both sides have agreed on so far in a mail dialogue, line by line: how the next bytes of each are to be read. */
export class Dialogue {
  /** Of each side's next bytes. */
  readonly reading: Record<Side, Reading> = { client: { as: 'lines' }, server: { as: 'lines' } };
  readonly #protocol: Protocol;
  readonly #expected: Expected[] = [];
  #waiting: Waiting | null = null;
  /** What the client says next when the server agrees to what is waited for. */
  #afterWait: Reading = { as: 'lines' };
  #greeted = false;
  #authSeen = false;
  #unknown = 0;
  #open: OpenCommand | null = null;
  #tag: string | null = null;
  #starttls: Connection['starttls'] = 'not-asked';

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  get starttls(): Connection['starttls'] {
    return this.#starttls;
  }

  /** STARTTLS is still without an answer. */
  get isStarttlsOpen(): boolean {
    return this.#expected.includes('starttls');
  }

  /** The client's next bytes can only be read once the server has answered. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Too many of the client's lines were no commands. */
  get isFlooded(): boolean {
    return this.#unknown >= MAX_UNKNOWN && !this.#authSeen;
  }

  readClient(text: string): { readonly secrets: Secrets; readonly isUnknown: boolean } {
    if (this.reading.client.as === 'sasl') {
      this.reading.client = { as: 'lines' };
      this.#expected.push('auth');
      this.#waiting = 'auth';
      return { secrets: text === '*' ? [] : [[0, text.length]], isUnknown: false };
    }
    const line = readClientLine(text, { protocol: this.#protocol, authSeen: this.#authSeen, open: this.#open });
    if (line.isUnknown) {
      this.readUnknown();
      return { secrets: [], isUnknown: true };
    }
    this.#open = line.open ?? null;
    if (line.auth) this.#authSeen = true;
    if (line.expects !== undefined) this.#expect(line.expects);
    if (line.wait !== undefined) {
      this.#waiting = line.wait;
      this.#afterWait = line.own ?? (line.wait === 'data' ? DOTTED : { as: line.wait === 'auth' ? 'sasl' : 'lines' });
      this.#tag = line.tag ?? null;
    } else if (line.own !== undefined) this.reading.client = line.own;
    if (line.expects === 'starttls' && this.#starttls === 'not-asked') this.#starttls = 'refused';
    return { secrets: line.secrets ?? [], isUnknown: false };
  }

  /** A client's line that is no command, whatever it says. */
  readUnknown(): void {
    this.#unknown += 1;
    this.#open = null;
    this.#expect('reply');
  }

  readServer(text: string): Secrets {
    const reply = readReply(text, this.#protocol, this.#tag);
    if (this.#protocol === 'imap') {
      const literal = announcedLiteral(text, 'server');
      if (literal !== undefined) this.reading.server = literal;
      if (reply !== 'none' && this.#waiting !== null) this.#answer(reply);
      return quotedBodies(text);
    }
    if (reply === 'none') return [];
    if (!this.#greeted) {
      this.#greeted = true;
      // A client that spoke first may have its answer before any greeting; greetings are never "continue".
      if (reply !== 'continue') return [];
    }
    this.#answer(reply);
    return [];
  }

  /** The single dot behind a mail was read. */
  endMail(from: Side): void {
    this.reading[from] = { as: 'lines' };
    if (from === 'client') this.#expect('reply');
  }

  /** The server says yes to what is waited for. */
  agree(): void {
    this.reading.client = this.#afterWait;
    this.#waiting = null;
  }

  #expect(expected: Expected): void {
    // IMAP's answers carry the tag of what they answer.
    if (expected !== 'reply' || this.#protocol !== 'imap') this.#expected.push(expected);
  }

  /** A reply to the oldest unanswered command. */
  #answer(reply: Reply): void {
    if (this.#protocol === 'imap') {
      const [expected] = this.#expected;
      if (reply === 'continue' && this.#waiting === 'starttls') return;
      this.#expected.length = 0;
      this.#conclude(expected ?? 'reply', reply);
      return;
    }
    const expected = this.#expected.shift();
    if (expected !== undefined) this.#conclude(expected, reply);
  }

  #conclude(expected: Expected, reply: Reply): void {
    if (expected === 'dotted' && reply === 'positive') this.reading.server = DOTTED;
    if (expected === 'starttls' && reply === 'positive') this.#starttls = 'accepted';
    if (expected === 'reply' && this.#waiting !== 'literal') return;
    if (expected === 'dotted' || this.#waiting === null) return;
    if (reply === 'continue') this.agree();
    else this.#refuse();
  }

  /** Any answer but "go on". A device may not heed it, and send its mail all the same. */
  #refuse(): void {
    const mail = this.#afterWait;
    if (this.#waiting === 'data') this.reading.client = REFUSED_MAIL;
    else if (mail.as === 'counted' && mail.holds === 'mail') this.reading.client = { ...mail, refused: true };
    else this.reading.client = { as: 'lines' };
    this.#waiting = null;
    this.#open = null;
  }
}
