import type { Endpoint } from '../../vocabulary/trial.ts';
import { looksLikeTls } from '../../wire/tls-records.ts';
import { parseRecordedHello } from '../parse-recorded.ts';
import type { RecordedHello } from '../recorded-hello.ts';

/** `security`: `implicit` where TLS began with the first byte, whatever the port. */
export type Found =
  | { readonly kind: 'hello'; readonly hello: RecordedHello; readonly security: 'implicit' | 'starttls' }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Looks for the hello in what a client says on a mail port. Of the dialogue in front of it only the line that is being
 * said is held, as far as a command can be recognised in it: no mail, name or password. Once there is a result nothing
 * is held.
 */
export class HelloFinder {
  readonly #endpoint: Endpoint;
  #hello: Buffer[] | null = null;
  #length = 0;
  #line: Buffer = NOTHING;
  #isLongLine = false;
  #lines = 0;
  #asked = false;
  #tryAt = 0;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  get held(): number {
    return this.#length + this.#line.length;
  }

  /** The next bytes of the client; null: it needs more of them. */
  take(bytes: Buffer): Found | null {
    if (this.#hello !== null) return this.#grow(bytes);
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#mayBegin()) {
        const start = this.#line.length === 0 ? rest : Buffer.concat([this.#line, rest]);
        const looks = looksLikeTls(start);
        if (looks === 'yes') return this.#begin(start);
        if (looks === 'unsure') {
          this.#line = Buffer.from(start);
          return null;
        }
        if (this.#endpoint.tls === 'implicit') return none('what was said first is no ClientHello');
        rest = start;
        this.#line = NOTHING;
        if (this.#asked) return none('STARTTLS was asked for, and no TLS followed');
      }
      const newline = rest.indexOf(0x0a);
      const part = newline < 0 ? rest : rest.subarray(0, newline);
      this.#addToLine(part);
      if (newline < 0) return null;
      rest = rest.subarray(newline + 1);
      const over = this.#endLine();
      if (over !== null) return over;
    }
    return null;
  }

  /** No more bytes will come. */
  end(): Found {
    if (this.#hello !== null) return this.#read(true) ?? none('the hello is cut short');
    if (this.#asked) return none('STARTTLS was asked for, and no TLS followed');
    return none(this.#lines === 0 && this.#line.length === 0 ? 'nothing was said' : 'TLS never began');
  }

  /** TLS begins with the first byte or behind STARTTLS, and at the beginning of a line. */
  #mayBegin(): boolean {
    return (this.#lines === 0 || this.#asked) && !this.#isLongLine && this.#line.length < LOOK;
  }

  #addToLine(part: Buffer): void {
    this.#isLongLine ||= this.#line.length + part.length > MAX_LINE;
    this.#line = Buffer.concat([this.#line, part.subarray(0, MAX_LINE - this.#line.length)]);
  }

  #endLine(): Found | null {
    const line = this.#line.toString('latin1').trim();
    this.#line = NOTHING;
    const wasLong = this.#isLongLine;
    this.#isLongLine = false;
    this.#lines++;
    if (STAYS_CLEAR.test(line)) return none('it goes on in the clear');
    this.#asked = !wasLong && ASKS.test(line);
    return this.#lines >= MAX_LINES ? none('TLS never began') : null;
  }

  #begin(bytes: Buffer): Found | null {
    this.#line = NOTHING;
    this.#hello = [];
    return this.#grow(bytes);
  }

  #grow(bytes: Buffer): Found | null {
    this.#hello?.push(Buffer.from(bytes.subarray(0, MAX_HELD - this.#length)));
    // Each piece takes memory beside its bytes, which nobody counts.
    if (this.#hello !== null && this.#hello.length >= MAX_PIECES) this.#hello = [Buffer.concat(this.#hello)];
    this.#length = Math.min(MAX_HELD, this.#length + bytes.length);
    if (this.#length < this.#tryAt) return null;
    const found = this.#read(this.#length >= MAX_HELD);
    // A hello in one byte a segment must not be read from its beginning at each of them.
    this.#tryAt = this.#length < OFTEN ? 0 : Math.ceil(this.#length * 1.25);
    return found;
  }

  #read(isAll: boolean): Found | null {
    const parsed = parseRecordedHello(Buffer.concat(this.#hello ?? []));
    if (parsed.kind === 'incomplete') return isAll ? none('the hello is cut short') : null;
    if (parsed.kind === 'unreadable') return none(parsed.why.replace(/: [0-9a-f]+$/, ''));
    return { kind: 'hello', hello: parsed.hello, security: this.#asked ? 'starttls' : 'implicit' };
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** Enough of a line to know its command. */
const MAX_LINE = 48;
const MAX_LINES = 64;
/** As many bytes as are needed to tell TLS from a command. */
const LOOK = 16;
const OFTEN = 8_192;
const MAX_PIECES = 256;
/** A parsed hello has 131,072 bytes at most; the rest is for headers of records. */
const MAX_HELD = 196_608;

const ASKS = /^(?:\S{1,32} )?STARTTLS$|^STLS$/i;
const STAYS_CLEAR = /^(?:\S{1,32} )?(?:AUTH|AUTHENTICATE|LOGIN|MAIL|RCPT|DATA|USER|PASS|APOP|BDAT|SELECT)\b/i;

function none(why: string): Found {
  return { kind: 'none', why };
}
