import { describe, expect, test } from 'vitest';
import { commandKind } from './mail-commands.ts';

const BARE = [
  'EHLO [192.0.2.1]',
  'HELO printer',
  'MAIL FROM:<scan@example.org> SIZE=4096 BODY=8BITMIME',
  'mail from: <>',
  'RCPT TO:<paul@example.org>',
  'DATA',
  'DATA ',
  'BDAT 4096 LAST',
  'RSET',
  'QUIT',
  'NOOP anything at all',
  'STARTTLS',
  'AUTH PLAIN AGEAYg==',
  'AUTH=LOGIN',
  'VRFY paul',
  'USER paul@example.org',
  'PASS with blanks in it',
  'APOP paul c4c9334bac560ecc979e58001b3e22fb',
  'STAT',
  'LIST',
  'LIST 2',
  'RETR 1',
  'TOP 1 0',
  'UIDL',
  'CAPA',
  'STLS',
  'DONE',
];

const TAGGED = [
  'CAPABILITY',
  'STARTTLS',
  'LOGIN paul "pass word"',
  'LOGIN {4}',
  'AUTHENTICATE PLAIN AGEAYg==',
  'SELECT INBOX',
  'SELECT "Sent Items" (CONDSTORE)',
  'LIST "" "*"',
  'LIST (SUBSCRIBED) "" % RETURN (STATUS (MESSAGES))',
  'STATUS INBOX (MESSAGES UIDNEXT)',
  'UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (FROM TO)])',
  'FETCH 1 BODY[]',
  'STORE 1:3 +FLAGS (\\Seen)',
  'UID SEARCH UNSEEN',
  'APPEND Sent (\\Seen) "01-Mar-2026 12:00:00 +0000" {310+}',
  'ID ("name" "printer")',
  'ENABLE CONDSTORE',
  'IDLE',
  'LOGOUT',
];

const MAIL = [
  '',
  'Subject: scan',
  'Received: from printer by mail',
  'Data sheet of the printer',
  'List of prices',
  'Top 10 customers',
  'Help is on its way',
  'User manual, page 3',
  'Quit smoking',
  'Mail from the printer',
  'I select the second one',
  'Please check the invoice',
  'Room 5 copy',
  'Z2VoZWltZSBTZWl0ZSBhdXMgZGVtIFNjYW5uZXI=',
  '--=_boundary_5',
];

describe.for(['smtp', 'pop3', 'imap'] as const)('where %s is spoken', (protocol) => {
  test.for(BARE)('%s is a command', (line) => {
    expect(commandKind(line, protocol)).toBe('bare');
  });

  test.for(TAGGED)('a1 %s is a command', (line) => {
    expect(commandKind(`a1 ${line}`, protocol)).toBe('tagged');
  });

  test.for(MAIL)('"%s" is none', (line) => {
    expect(commandKind(line, protocol)).toBeUndefined();
  });
});

test('a tag of letters alone counts only where IMAP is spoken', () => {
  expect(commandKind('a LOGOUT', 'imap')).toBe('tagged');
  expect(commandKind('a LOGOUT', 'smtp')).toBeUndefined();
});
