import { type WaitingMail, renderHeaders, renderMail } from '../waiting-mail.ts';
import { type ImapValue, parseSequenceSet, textOf } from './imap-syntax.ts';

type Test = (mail: WaitingMail, number: number) => boolean;

/** The test of a SEARCH (RFC 3501 section 6.4.4) over these mails; undefined: a key is not known or malformed. */
export function parseSearch(values: readonly ImapValue[], mails: readonly WaitingMail[]): Test | undefined {
  const charset = textOf(values[0])?.toUpperCase() === 'CHARSET';
  const left = charset ? values.slice(2) : [...values];
  return left.length === 0 || left.length > MAX_KEYS ? undefined : parseAll([...left], mails);
}

/** Each BODY key reads every mail: a line of many would hold up the whole process. */
const MAX_KEYS = 20;

function parseAll(left: ImapValue[], mails: readonly WaitingMail[]): Test | undefined {
  const tests: Test[] = [];
  while (left.length > 0) {
    const test = parseOne(left, mails);
    if (test === undefined) return undefined;
    tests.push(test);
  }
  return (mail, number) => tests.every((test) => test(mail, number));
}

/** Takes one key and its arguments off the front. */
function parseOne(left: ImapValue[], mails: readonly WaitingMail[]): Test | undefined {
  const value = left.shift();
  if (value === undefined) return undefined;
  if (value.kind === 'list') return value.items.length > MAX_KEYS ? undefined : parseAll([...value.items], mails);
  const key = value.text.toUpperCase();

  if (key === 'NOT') {
    const inner = parseOne(left, mails);
    return inner && ((mail, number) => !inner(mail, number));
  }
  if (key === 'OR') {
    const one = parseOne(left, mails);
    const other = parseOne(left, mails);
    return one && other && ((mail, number) => one(mail, number) || other(mail, number));
  }
  const flag = FLAG_KEYS[key];
  if (flag !== undefined) return (mail) => mail.flags.has(flag.flag) === flag.set;
  const simple = SIMPLE_KEYS[key];
  if (simple !== undefined) return simple;

  const argument = () => textOf(left.shift());
  if (key === 'UID') return inSet(argument(), mails.at(-1)?.uid ?? 0, (mail) => mail.uid);
  if (key === 'HEADER') return headerTest(argument(), argument());
  const text = TEXT_KEYS[key];
  if (text !== undefined) return text(argument());
  return inSet(value.text, mails.length, (_mail, number) => number);
}

const FLAG_KEYS: Readonly<Record<string, { readonly flag: string; readonly set: boolean }>> = Object.fromEntries(
  ['Answered', 'Deleted', 'Draft', 'Flagged', 'Seen'].flatMap((name) => [
    [name.toUpperCase(), { flag: `\\${name}`, set: true }],
    [`UN${name.toUpperCase()}`, { flag: `\\${name}`, set: false }],
  ]),
);

/** Nobody's session is the first to see a mail here: RECENT is never set. */
const SIMPLE_KEYS: Readonly<Record<string, Test>> = {
  ALL: () => true,
  OLD: () => true,
  NEW: () => false,
  RECENT: () => false,
};

const TEXT_KEYS: Readonly<Record<string, (argument: string | undefined) => Test | undefined>> = {
  SUBJECT: (text) => headerTest('Subject', text),
  FROM: (text) => headerTest('From', text),
  TO: (text) => headerTest('To', text),
  CC: (text) => headerTest('Cc', text),
  BCC: (text) => headerTest('Bcc', text),
  BODY: contentTest,
  TEXT: contentTest,
  KEYWORD: (word) => (word === undefined ? undefined : (mail) => mail.flags.has(word)),
  UNKEYWORD: (word) => (word === undefined ? undefined : (mail) => !mail.flags.has(word)),
  LARGER: (size) => sizeTest(size, (bytes, limit) => bytes > limit),
  SMALLER: (size) => sizeTest(size, (bytes, limit) => bytes < limit),
  SINCE: (day) => dayTest(day, (mail, limit) => mail >= limit),
  BEFORE: (day) => dayTest(day, (mail, limit) => mail < limit),
  ON: (day) => dayTest(day, (mail, limit) => mail === limit),
  SENTSINCE: (day) => dayTest(day, (mail, limit) => mail >= limit),
  SENTBEFORE: (day) => dayTest(day, (mail, limit) => mail < limit),
  SENTON: (day) => dayTest(day, (mail, limit) => mail === limit),
};

function inSet(
  set: string | undefined,
  last: number,
  number: (mail: WaitingMail, at: number) => number,
): Test | undefined {
  const contains = parseSequenceSet(set ?? '', last);
  return contains && ((mail, at) => contains(number(mail, at)));
}

function headerTest(name: string | undefined, text: string | undefined): Test | undefined {
  if (name === undefined || text === undefined) return undefined;
  return (mail) => {
    const value = [...renderHeaders(mail)].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
    return value?.toLowerCase().includes(text.toLowerCase()) ?? false;
  };
}

function contentTest(text: string | undefined): Test | undefined {
  if (text === undefined) return undefined;
  return (mail) => renderMail(mail).toString('latin1').toLowerCase().includes(text.toLowerCase());
}

function sizeTest(size: string | undefined, compare: (bytes: number, limit: number) => boolean): Test | undefined {
  if (size === undefined || !/^\d{1,10}$/.test(size)) return undefined;
  return (mail) => compare(mail.bytes, Number(size));
}

/** "24-Nov-2026", whole days in UTC. */
function dayTest(day: string | undefined, compare: (mail: number, limit: number) => boolean): Test | undefined {
  const match = /^(\d{1,2})-([A-Z][a-z]{2})-(\d{4})$/i.exec(day ?? '');
  if (match === null) return undefined;
  const limit = Date.parse(`${match[1]} ${match[2]} ${match[3]} 00:00:00 GMT`);
  return Number.isNaN(limit) ? undefined : (mail) => compare(Math.floor(mail.date.getTime() / DAY_MS), limit / DAY_MS);
}

const DAY_MS = 86_400_000;
