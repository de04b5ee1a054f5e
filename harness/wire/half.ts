import type { Side } from '../vocabulary/evidence.ts';
import type { Capture } from './capture.ts';
import { type Flow, joinFlow } from './flow.ts';
import { MailBody } from './mail-body.ts';

/** One side of a capture while it is read: how far, and the mail that is being read. */
export class Half {
  readonly from: Side;
  readonly flow: Flow;
  /** Offset of the next byte to read; bytes before `limit` have arrived. */
  at = 0;
  limit = 0;
  isOver = false;
  tlsStart: number | null = null;
  #body: MailBody | null = null;

  constructor(capture: Capture, from: Side) {
    this.from = from;
    this.flow = joinFlow(capture, from);
  }

  /** The next bytes are part of a mail. */
  takeMail(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#openBody().add(bytes);
    this.at += bytes.length;
  }

  /** So are the next ones, which were not kept; `note`: what a redaction says of them. */
  skipMail(count: number, note: string | undefined): void {
    this.#openBody().skip(count, note);
    this.at += count;
  }

  /** The mail that ends here; null: there is none. */
  closeMail(): MailBody | null {
    const body = this.#body;
    this.#body = null;
    return body;
  }

  #openBody(): MailBody {
    this.#body ??= new MailBody(this.at);
    return this.#body;
  }
}
