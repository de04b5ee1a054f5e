import type { Protocol } from '../vocabulary/trial.ts';

/**
 * Whether a line, line end removed, is a whole command: of SMTP, POP3 or IMAP without its tag ('bare'), or of IMAP. All
 * of them whatever is spoken here, as a device may use the wrong port. Arguments have to have their shape, so that a
 * line of a mail ("list of prices") passes for none.
 */
export function commandKind(text: string, protocol: Protocol): 'bare' | 'tagged' | undefined {
  if (text.length > MAX_COMMAND) return undefined;
  if (BARE_COMMAND.test(text)) return 'bare';
  const tagged = splitTagged(text);
  // "I copy" is English; the tags of clients are numbered. Where IMAP is spoken, its arguments tell enough.
  if (tagged === undefined || !(protocol === 'imap' || /\d/.test(tagged.tag))) return undefined;
  return IMAP_COMMAND.test(tagged.command) ? 'tagged' : undefined;
}

/** The tag of an IMAP command and what follows; undefined: there is no tag. */
export function splitTagged(text: string): { readonly tag: string; readonly command: string } | undefined {
  const [, tag, command] = /^([\w.$#&/-]{1,64})\s+(\S[^]*)$/.exec(text) ?? [];
  return tag === undefined || command === undefined ? undefined : { tag, command };
}

/** Begins like a command that carries a password, however it goes on: `PASSWORD x`, `Authorization: Basic x`. */
export function mayCarryPassword(text: string): boolean {
  return /^[^A-Za-z0-9]*(?:[\w.-]+\s+)?(?:Proxy-)?(?:AUTH|PASS|APOP|USER|LOGIN)/i.test(text.slice(0, 100));
}

/** Servers are to take 8,000 bytes (RFC 2683 section 3.2.1.5). Bounds what a hostile line costs, too. */
const MAX_COMMAND = 8_192;

/**
 * Names of SASL mechanisms have 20 characters at most (RFC 4422 section 3.1); what is longer is a secret out of place.
 * RFC 5321 section 4.1, RFC 3030, 3207, 4954 and 1985; RFC 1939, 2449, 2595, 5034 and 6856.
 */
const BARE_COMMAND = anyOf([
  String.raw`(?:EHLO|HELO|LHLO)(?:\s+\S+)*`,
  String.raw`(?:MAIL|SEND|SOML|SAML)\s+FROM\s*:.*`,
  String.raw`RCPT\s+TO\s*:.*`,
  String.raw`BDAT\s+\d+(?:\s+LAST)?`,
  'DATA|RSET|QUIT|TURN|CAPA|STAT|STLS|LAST|UTF8|DONE',
  String.raw`STARTTLS(?:\s+\S+)?`,
  String.raw`NOOP(?:\s[^]*)?`,
  String.raw`(?:VRFY|EXPN|ETRN|USER)\s+\S+`,
  String.raw`(?:HELP|LANG)(?:\s+\S+)?`,
  String.raw`(?:LIST|UIDL)(?:\s+\d+)?`,
  String.raw`(?:RETR|DELE)\s+\d+`,
  String.raw`TOP\s+\d+\s+\d+`,
  String.raw`AUTH(?:(?:\s*=\s*|\s+)[\w-]{1,20}(?:\s+\S+)?)?`,
  String.raw`PASS(?:\s[^]*)?`,
  String.raw`APOP(?:\s+\S+){1,2}`,
  // IMAP without its tag.
  String.raw`AUTHENTICATE(?:\s+[\w-]{1,20}(?:\s+\S+)?)?`,
  String.raw`LOGIN(?:\s[^]*)?`,
  String.raw`APPEND\s.*\{\d+\+?\}`,
]);

const STRING = String.raw`(?:"(?:[^"\\]|\\.)*"|\{\d+\+?\}|[^\s"]+)`;
const NUMBERS = String.raw`[\d*$][\d:,*]*`;

/** RFC 9051 and 3501 section 6, RFC 2087, 2177, 2342, 2971, 4314, 4978, 5161, 5256, 5464 and 6851. */
const IMAP_COMMAND = anyOf([
  'CAPABILITY|NOOP|LOGOUT|STARTTLS|CHECK|CLOSE|EXPUNGE|IDLE|NAMESPACE|UNSELECT',
  String.raw`(?:SELECT|EXAMINE|CREATE)\s+${STRING}(?:\s+\(.*\))?`,
  String.raw`(?:DELETE|SUBSCRIBE|UNSUBSCRIBE|GETQUOTA|GETQUOTAROOT|GETACL|MYRIGHTS)\s+${STRING}`,
  String.raw`RENAME\s+${STRING}(?:\s+${STRING})?`,
  String.raw`(?:LIST|LSUB|XLIST)\s+(?:\(.*\)\s+)?${STRING}(?:\s+${STRING})?(?:\s+RETURN\s+\(.*\))?`,
  String.raw`STATUS\s+${STRING}(?:\s+\(.*\))?`,
  String.raw`APPEND\s.*\{\d+\+?\}`,
  String.raw`(?:UID\s+)?(?:FETCH|STORE|COPY|MOVE)\s+${NUMBERS}\s.+`,
  String.raw`UID\s+EXPUNGE\s+${NUMBERS}`,
  String.raw`(?:UID\s+)?(?:SEARCH|SORT|THREAD)\s(?:.*)`,
  String.raw`ID\s+(?:NIL|\(.*)`,
  String.raw`(?:ENABLE|COMPRESS)(?:\s+[\w=-]+)+`,
  String.raw`(?:GETMETADATA|SETMETADATA|SETACL|SETQUOTA)\s.*`,
  String.raw`AUTHENTICATE(?:\s+[\w-]{1,20}(?:\s+\S+)?)?`,
  String.raw`LOGIN(?:\s[^]*)?`,
]);

function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(String.raw`^(?:${patterns.join('|')})\s*$`, 'i');
}
