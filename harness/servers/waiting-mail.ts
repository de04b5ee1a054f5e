import { createHash } from 'node:crypto';

/** A mail that waits to be fetched. Only what it is made from is kept; the text is rendered when it is asked for. */
export interface WaitingMail {
  /** Position in the mailbox's history, from 1; never given twice (RFC 3501 section 2.3.1.1, RFC 1939 UIDL). */
  readonly uid: number;
  readonly marker: string;
  readonly to: string;
  readonly date: Date;
  /** Length of the rendered mail in bytes. */
  readonly bytes: number;
  readonly flags: Set<string>;
}

/** Header fields in the order in which they are rendered. */
export function renderHeaders(mail: Pick<WaitingMail, 'marker' | 'to' | 'date'>): ReadonlyMap<string, string> {
  return new Map([
    ['Date', mail.date.toUTCString().replace('GMT', '+0000')],
    ['From', `Cutover <${SENDER}>`],
    ['To', `<${mail.to}>`],
    ['Subject', mail.marker],
    ['Message-ID', `<${mail.marker}@${domainOf(SENDER)}>`],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=us-ascii'],
    ['Content-Transfer-Encoding', '7bit'],
  ]);
}

/** Headers, blank line, the marker, then numbered lines up to the size that was ordered. CRLF throughout. */
export function renderMail(mail: WaitingMail): Buffer {
  const head = Buffer.from(renderHead(mail), 'latin1');
  const body = Buffer.alloc(mail.bytes - head.length, FILLER_LINE, 'latin1');
  // The last line ends like the others, wherever the size has cut it.
  body.write('\r\n', Math.max(0, body.length - 2), 'latin1');
  return Buffer.concat([head, body]);
}

/** Length of the rendered mail whose body is about `sizeBytes` long. */
export function measureMail(mail: Pick<WaitingMail, 'marker' | 'to' | 'date'>, sizeBytes: number): number {
  return renderHead(mail).length + Math.max(2, Math.min(sizeBytes, SIZE_LIMIT_BYTES));
}

export const SENDER = 'probe@cutover.example';
/** As in SMTP: no policy needs a bigger one, and a client may ask for it again and again. */
const SIZE_LIMIT_BYTES = 40 * 1024 * 1024;
const FILLER_LINE = 'This line fills a mail of the size that was ordered.\r\n';

function renderHead(mail: Pick<WaitingMail, 'marker' | 'to' | 'date'>): string {
  const headers = [...renderHeaders(mail)].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${headers.join('')}\r\n${mail.marker}\r\n`;
}

function domainOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}

/** Stable name of a mail for POP3's UIDL: 1 to 70 printable characters. */
export function uniqueId(mail: WaitingMail): string {
  return createHash('sha256').update(`${mail.uid} ${mail.marker}`).digest('hex').slice(0, 20);
}
