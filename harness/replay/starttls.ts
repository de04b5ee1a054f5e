import { imapAnswer, POP3_LINE, POP3_LINES, SMTP_REPLY } from '../servers/proof/client.ts';
import type { Protocol } from '../vocabulary/trial.ts';

/** What is waited for, whether it is good, and what is said next; after the last step TLS begins. */
export interface Step {
  readonly answer: RegExp;
  readonly good: RegExp;
  readonly next: string | null;
  readonly what: string;
}

/** RFC 3207, RFC 3501 section 6.2.1, RFC 2595 section 4: as a careful client does it, one line after the other. */
export const STARTTLS: Readonly<Record<Protocol, readonly Step[]>> = {
  smtp: [
    { answer: SMTP_REPLY, good: /^220/, next: 'EHLO replay.invalid\r\n', what: 'greeting' },
    { answer: SMTP_REPLY, good: /^250/, next: 'STARTTLS\r\n', what: 'answer to EHLO' },
    { answer: SMTP_REPLY, good: /^220/, next: null, what: 'answer to STARTTLS' },
  ],
  imap: [
    { answer: /^\* .*\r\n/, good: /^\* OK/, next: 'a CAPABILITY\r\n', what: 'greeting' },
    { answer: imapAnswer('a'), good: /^(?:[^]*\r\n)?a OK/, next: 'b STARTTLS\r\n', what: 'answer to CAPABILITY' },
    { answer: imapAnswer('b'), good: /^(?:[^]*\r\n)?b OK/, next: null, what: 'answer to STARTTLS' },
  ],
  pop3: [
    { answer: POP3_LINE, good: /^\+OK/, next: 'CAPA\r\n', what: 'greeting' },
    { answer: POP3_LINES, good: /^\+OK/, next: 'STLS\r\n', what: 'answer to CAPA' },
    { answer: POP3_LINE, good: /^\+OK/, next: null, what: 'answer to STLS' },
  ],
};
