import { SENDER, type WaitingMail, renderHeaders, renderMail } from '../waiting-mail.ts';
import type { ImapValue } from './imap-syntax.ts';

/** One thing that FETCH is asked for. */
export interface FetchItem {
  /** As it is named in the answer. */
  readonly label: string;
  /** Sets \Seen. */
  readonly marksSeen: boolean;
  render(mail: WaitingMail): { readonly value: Buffer | string; readonly whole: boolean };
}

/**
 * The items of a FETCH (RFC 3501 section 6.4.5) for mails that are one part of plain text; undefined: one of them is
 * not known, or there are too many. An item that is named twice is answered once.
 */
export function parseFetchItems(values: readonly ImapValue[]): readonly FetchItem[] | undefined {
  const [first] = values;
  const asked = values.length === 1 && first?.kind === 'list' ? first.items : values;
  const items = new Map<string, FetchItem>();
  for (const value of asked) {
    if (value.kind === 'list') return undefined;
    for (const name of MACROS[value.text.toUpperCase()] ?? [value.text]) {
      const item = simpleItem(name.toUpperCase()) ?? sectionItem(name);
      if (item === undefined) return undefined;
      items.set(item.label, item);
    }
  }
  return items.size === 0 || items.size > MAX_ITEMS ? undefined : [...items.values()];
}

/** Each item may be a whole mail: a line of many must not multiply it. */
const MAX_ITEMS = 32;

const MACROS: Readonly<Record<string, readonly string[]>> = {
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
};

function simpleItem(name: string): FetchItem | undefined {
  const fact = FACTS[name];
  if (fact !== undefined) {
    return { label: name, marksSeen: false, render: (mail) => ({ value: fact(mail), whole: false }) };
  }
  const section = RFC822_SECTIONS[name];
  return section === undefined ? undefined : contentItem(name, section, name !== 'RFC822.HEADER', undefined);
}

const FACTS: Readonly<Record<string, (mail: WaitingMail) => string>> = {
  UID: (mail) => String(mail.uid),
  FLAGS: (mail) => `(${[...mail.flags].join(' ')})`,
  INTERNALDATE: (mail) => quote(internalDate(mail.date)),
  'RFC822.SIZE': (mail) => String(mail.bytes),
  ENVELOPE: renderEnvelope,
  BODY: renderStructure,
  BODYSTRUCTURE: renderStructure,
};

const RFC822_SECTIONS: Readonly<Record<string, string>> = {
  RFC822: '',
  'RFC822.HEADER': 'HEADER',
  'RFC822.TEXT': 'TEXT',
};

interface Part {
  readonly from: number;
  readonly length: number;
}

function sectionItem(name: string): FetchItem | undefined {
  const match = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d{1,10})\.(\d{1,10})>)?$/i.exec(name);
  if (match === null) return undefined;
  const [, peek, section = '', from, length] = match;
  const known = /^(|HEADER|TEXT|1|MIME|1\.MIME|HEADER\.FIELDS(\.NOT)? \(.+\))$/i.test(section);
  if (!known) return undefined;
  const part = from === undefined ? undefined : { from: Number(from), length: Number(length) };
  const label = `BODY[${section.toUpperCase()}]${part === undefined ? '' : `<${part.from}>`}`;
  return contentItem(label, section, peek === undefined, part);
}

function contentItem(label: string, section: string, marksSeen: boolean, part: Part | undefined): FetchItem {
  return {
    label,
    marksSeen,
    render(mail) {
      const content = renderSection(mail, section);
      const value = part === undefined ? content : content.subarray(part.from, part.from + part.length);
      // A client that fetches in parts has the mail when it has the last part.
      const last = part === undefined || (part.from < content.length && part.from + part.length >= content.length);
      return { value, whole: last && /^(|TEXT|1)$/i.test(section) };
    },
  };
}

function renderSection(mail: WaitingMail, section: string): Buffer {
  const fields = /^HEADER\.FIELDS(\.NOT)? \((.+)\)$/i.exec(section);
  if (fields !== null) {
    const names = (fields[2] ?? '').toLowerCase().replaceAll('"', '').split(/\s+/);
    return renderFields(mail, (name) => names.includes(name.toLowerCase()) === (fields[1] === undefined));
  }
  if (/MIME$/i.test(section)) return renderFields(mail, (name) => /^(content-|mime-)/i.test(name));
  const whole = renderMail(mail);
  const bodyAt = whole.indexOf('\r\n\r\n') + 4;
  if (section === '') return whole;
  return /^HEADER$/i.test(section) ? whole.subarray(0, bodyAt) : whole.subarray(bodyAt);
}

function renderFields(mail: WaitingMail, wanted: (name: string) => boolean): Buffer {
  const lines = [...renderHeaders(mail)]
    .filter(([name]) => wanted(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${lines.join('')}\r\n`, 'latin1');
}

/** RFC 3501 section 7.4.2: date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id. */
function renderEnvelope(mail: WaitingMail): string {
  const headers = renderHeaders(mail);
  const field = (name: string) => quote(headers.get(name) ?? '');
  const from = renderAddress('Cutover', SENDER);
  const to = renderAddress(undefined, mail.to);
  return `(${field('Date')} ${field('Subject')} ${from} ${from} ${from} ${to} NIL NIL NIL ${field('Message-ID')})`;
}

function renderAddress(name: string | undefined, address: string): string {
  const at = address.lastIndexOf('@');
  return `((${name === undefined ? 'NIL' : quote(name)} NIL ${quote(address.slice(0, at))} ${quote(address.slice(at + 1))}))`;
}

function renderStructure(mail: WaitingMail): string {
  const body = renderSection(mail, 'TEXT');
  const lines = body.toString('latin1').split('\r\n').length - 1;
  return `("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" ${body.length} ${lines})`;
}

/** dd-Mon-yyyy hh:mm:ss +zzzz, the day padded with a blank. */
function internalDate(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ');
  return `${String(Number(day)).padStart(2, ' ')}-${month}-${year} ${time} +0000`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
