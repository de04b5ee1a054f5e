import type { Mailbox } from '../mail-store.ts';
import type { WaitingMail } from '../waiting-mail.ts';
import type { Connection } from './connection.ts';
import type { ImapCommand } from './imap-commands.ts';
import { type FetchItem, parseFetchItems } from './imap-fetch.ts';
import { parseSearch } from './imap-search.ts';
import { type ImapValue, parseImapValues, parseSequenceSet, textOf } from './imap-syntax.ts';

/** What may be done after login. */
export interface ImapMailbox {
  /** The tagged answer without its tag ("OK …", "NO …", "BAD …"), or `unknown`. */
  run(command: ImapCommand): string;
  /** Tells of mails that came or went, where the client may be told (RFC 3501 section 5.5). */
  announce(): void;
}

/** INBOX and nothing else. Message numbers are this session's own: they change only in `announce`. */
export function openImapMailbox(connection: Connection, mailbox: Mailbox): ImapMailbox {
  let view: WaitingMail[] | undefined;
  let readOnly = false;

  const commands: Readonly<Record<string, (values: readonly ImapValue[]) => string>> = {
    SELECT: (values) => select(values, false),
    EXAMINE: (values) => select(values, true),
    STATUS: status,
    LIST: (values) => list('LIST', values),
    LSUB: (values) => list('LSUB', values),
    NAMESPACE() {
      connection.say('* NAMESPACE (("" "/")) NIL NIL');
      return DONE;
    },
    SUBSCRIBE: () => DONE,
    UNSUBSCRIBE: () => DONE,
    CREATE: () => ONE_MAILBOX,
    DELETE: () => ONE_MAILBOX,
    RENAME: () => ONE_MAILBOX,
    APPEND: () => NOT_STORED,
  };

  const selected: Readonly<Record<string, (values: readonly ImapValue[]) => string>> = {
    CHECK: () => DONE,
    CLOSE() {
      if (!readOnly) mailbox.remove(deleted());
      view = undefined;
      return DONE;
    },
    UNSELECT() {
      view = undefined;
      return DONE;
    },
    EXPUNGE() {
      if (readOnly) return READ_ONLY;
      mailbox.remove(deleted());
      announce();
      return DONE;
    },
    SEARCH: (values) => search(values, false),
    'UID SEARCH': (values) => search(values, true),
    FETCH: (values) => fetch(values, false),
    'UID FETCH': (values) => fetch(values, true),
    STORE: (values) => store(values, false),
    'UID STORE': (values) => store(values, true),
    COPY: () => ONE_MAILBOX,
    'UID COPY': () => ONE_MAILBOX,
  };

  return {
    announce,
    run({ name, rest }) {
      const handler = commands[name] ?? selected[name];
      if (handler === undefined) return 'unknown';
      if (commands[name] === undefined && view === undefined) return 'BAD Select a mailbox first';
      const values = parseImapValues(rest);
      if (values === undefined) return MALFORMED;
      return handler(values);
    },
  };

  function announce(): void {
    if (view === undefined) return;
    const now = mailbox.list();
    for (let at = view.length - 1; at >= 0; at--) {
      const mail = view[at];
      if (mail === undefined || now.includes(mail)) continue;
      view.splice(at, 1);
      connection.say(`* ${at + 1} EXPUNGE`);
    }
    if (now.length === view.length) return;
    view = [...now];
    connection.say(`* ${view.length} EXISTS`);
  }

  function select(values: readonly ImapValue[], examine: boolean): string {
    view = undefined;
    if (!isInbox(values[0])) return textOf(values[0]) === undefined ? MALFORMED : NO_SUCH;
    view = [...mailbox.list()];
    readOnly = examine;
    const unseen = view.findIndex((mail) => !mail.flags.has('\\Seen'));
    connection.say(`* ${view.length} EXISTS`);
    connection.say('* 0 RECENT');
    connection.say(`* FLAGS (${FLAGS})`);
    connection.say(`* OK [PERMANENTFLAGS (${examine ? '' : `${FLAGS} \\*`})] Kept for this run`);
    if (unseen !== -1) connection.say(`* OK [UNSEEN ${unseen + 1}] First unseen`);
    connection.say(`* OK [UIDVALIDITY ${UID_VALIDITY}] Valid`);
    connection.say(`* OK [UIDNEXT ${mailbox.nextUid}] Next`);
    return `OK [READ-${examine ? 'ONLY' : 'WRITE'}] Selected`;
  }

  function status(values: readonly ImapValue[]): string {
    const [name, items] = values;
    if (!isInbox(name)) return NO_SUCH;
    if (items?.kind !== 'list') return MALFORMED;
    const mails = mailbox.list();
    const facts: Readonly<Record<string, number>> = {
      MESSAGES: mails.length,
      RECENT: 0,
      UIDNEXT: mailbox.nextUid,
      UIDVALIDITY: UID_VALIDITY,
      UNSEEN: mails.filter((mail) => !mail.flags.has('\\Seen')).length,
    };
    const asked = new Set(items.items.map((item) => textOf(item)?.toUpperCase() ?? ''));
    const known = [...asked].flatMap((key) => (facts[key] === undefined ? [] : [`${key} ${facts[key]}`]));
    connection.say(`* STATUS INBOX (${known.join(' ')})`);
    return known.length === asked.size ? DONE : MALFORMED;
  }

  function list(name: 'LIST' | 'LSUB', values: readonly ImapValue[]): string {
    const [reference, pattern] = [textOf(values[0]), textOf(values[1])];
    if (reference === undefined || pattern === undefined) return MALFORMED;
    if (pattern === '') connection.say(`* ${name} (\\Noselect) "/" ""`);
    else if (matchesInbox(reference + pattern)) connection.say(`* ${name} (\\HasNoChildren) "/" INBOX`);
    return DONE;
  }

  function search(values: readonly ImapValue[], byUid: boolean): string {
    const mails = view ?? [];
    const test = parseSearch(values, mails);
    if (test === undefined) return MALFORMED;
    const hits = mails.flatMap((mail, at) => (test(mail, at + 1) ? [byUid ? mail.uid : at + 1] : []));
    connection.say(['* SEARCH', ...hits].join(' '));
    return DONE;
  }

  function fetch(values: readonly ImapValue[], byUid: boolean): string {
    const chosen = choose(values[0], byUid);
    const items = parseFetchItems(values.slice(1));
    if (chosen === undefined || items === undefined) return MALFORMED;
    for (const { mail, number } of chosen) {
      const marks = items.some((item) => item.marksSeen) && !readOnly && !mail.flags.has('\\Seen');
      if (marks) mail.flags.add('\\Seen');
      sayFetch(mail, number, withUid(items, byUid, marks));
    }
    return DONE;
  }

  function store(values: readonly ImapValue[], byUid: boolean): string {
    const chosen = choose(values[0], byUid);
    const action = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(values[1]) ?? '');
    const flags = parseFlags(values.slice(2));
    if (chosen === undefined || action === null || flags === undefined) return MALFORMED;
    if (readOnly) return READ_ONLY;
    for (const { mail, number } of chosen) {
      if (action[1] === '') mail.flags.clear();
      for (const flag of flags) {
        if (action[1] === '-') mail.flags.delete(flag);
        else if (mail.flags.size < MAX_FLAGS) mail.flags.add(flag);
      }
      if (action[2] === undefined) sayFetch(mail, number, withUid([], byUid, true));
    }
    return DONE;
  }

  function choose(value: ImapValue | undefined, byUid: boolean): readonly Chosen[] | undefined {
    const mails = view ?? [];
    const contains = parseSequenceSet(textOf(value) ?? '', byUid ? (mails.at(-1)?.uid ?? 0) : mails.length);
    if (contains === undefined) return undefined;
    return mails.flatMap((mail, at) => (contains(byUid ? mail.uid : at + 1) ? [{ mail, number: at + 1 }] : []));
  }

  function sayFetch(mail: WaitingMail, number: number, items: readonly FetchItem[]): void {
    let whole = false;
    const parts = items.flatMap((item, at) => {
      const { value, whole: all } = item.render(mail);
      whole ||= all;
      const before = `${at === 0 ? '' : ' '}${item.label} `;
      if (typeof value === 'string') return [Buffer.from(before + value, 'latin1')];
      return [Buffer.from(`${before}{${value.length}}\r\n`, 'latin1'), value];
    });
    const start = Buffer.from(`* ${number} FETCH (`, 'latin1');
    connection.say(Buffer.concat([start, ...parts, Buffer.from(')\r\n')]), () => {
      if (whole) connection.witness.fetched(mail.marker);
    });
  }

  function deleted(): readonly WaitingMail[] {
    return (view ?? []).filter((mail) => mail.flags.has('\\Deleted'));
  }
}

interface Chosen {
  readonly mail: WaitingMail;
  readonly number: number;
}

const DONE = 'OK Done';
const MALFORMED = 'BAD Arguments malformed';
const NO_SUCH = 'NO [NONEXISTENT] There is only INBOX';
const ONE_MAILBOX = 'NO [CANNOT] There is only INBOX';
const NOT_STORED = 'NO [CANNOT] No mail is stored over IMAP here';
const READ_ONLY = 'NO [READ-ONLY] The mailbox was opened with EXAMINE';
const FLAGS = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';
/** The store lives as long as the run, and no UID is given twice in it. */
const UID_VALIDITY = 1;
const MAX_FLAGS = 32;

function isInbox(value: ImapValue | undefined): boolean {
  return textOf(value)?.toUpperCase() === 'INBOX';
}

/** Wildcards "*" and "%" (RFC 3501 section 6.3.8); without children both mean any letters. Short: INBOX is. */
function matchesInbox(pattern: string): boolean {
  const parts = pattern.toUpperCase().replace(/[*%]+/g, '*').split('*');
  if (parts.length > 'INBOX'.length + 2) return false;
  const source = parts.map((part) => part.replace(/[^A-Z0-9]/g, '\\$&')).join('.*');
  return new RegExp(`^${source}$`).test('INBOX');
}

/** In a UID command every FETCH names the UID (RFC 3501 section 6.4.8); changed flags are told. */
function withUid(items: readonly FetchItem[], byUid: boolean, tellFlags: boolean): readonly FetchItem[] {
  const extra = [...(byUid ? ['UID'] : []), ...(tellFlags ? ['FLAGS'] : [])];
  const missing = extra.filter((label) => !items.some((item) => item.label === label));
  const more = missing.length === 0 ? undefined : parseFetchItems(missing.map((text) => ({ kind: 'atom', text })));
  return more === undefined ? items : [...items, ...more];
}

function parseFlags(values: readonly ImapValue[]): readonly string[] | undefined {
  const [first] = values;
  const words = (first?.kind === 'list' ? first.items : values).map(textOf);
  const flags = words.filter((word) => word !== undefined && /^\\?[A-Za-z0-9$_.-]{1,64}$/.test(word));
  // System flags have one spelling here, however the client writes them (RFC 3501 section 2.3.2).
  const spelled = flags.map(
    (flag) => FLAGS.split(' ').find((known) => known.toLowerCase() === flag?.toLowerCase()) ?? flag,
  );
  return flags.length === words.length ? spelled.filter((flag) => flag !== undefined) : undefined;
}
