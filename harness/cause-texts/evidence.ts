import type { Cause } from '../vocabulary/finding.ts';

/** What QA reads: the trace that leads to a cause, and how to make sure. */
export interface EvidenceText {
  readonly shows: string;
  readonly confirm: string;
}

export const EVIDENCE: Readonly<Record<Cause, EvidenceText>> = {
  'version-too-old': {
    shows:
      'The highest version in the ClientHello is below tls.min. Alert 70, 40 or a silent close (Dovecot 2.3) follows.',
    confirm: 'Counter-test: the same mode with tls.min lowered to the offered version lets the device through.',
  },
  'no-shared-cipher': {
    shows: 'The version is high enough, but the ClientHello lists none of the mode’s suites. Usually alert 40.',
    confirm: 'Counter-test: the same mode with one of the offered suites added to `suites`.',
  },
  'no-shared-group': {
    shows:
      'Suites overlap only where a key exchange group is needed, and the ClientHello lists none of the mode’s groups.',
    confirm: 'Counter-test: the same mode with one of the offered groups added to `groups`.',
  },
  'no-shared-signature': {
    shows:
      'TLS 1.2 without signature_algorithms (RFC 5246 section 7.4.1.4.1: SHA-1 is implied), or a list without any of the mode’s.',
    confirm:
      'Counter-test: the same mode with an offered scheme added to `signatures`. Postfix 3.7 may accept it unchanged.',
  },
  'certificate-untrusted': {
    shows:
      'Alert 48 or 46 from the client, or a close right after the server’s flight, although versions and suites fit.',
    confirm:
      'Counter-test: a certificate whose root the device knows. Without the run’s CA in the device it proves nothing.',
  },
  'certificate-dates': {
    shows: 'Alert 45 (or 46, 42) from the client, or a close after the certificate.',
    confirm: 'Counter-test: the certificate valid from 1950. Read the clock of the device.',
  },
  'certificate-name': {
    shows:
      'Alert 42 or 46 from the client, or a close after the certificate; the name the device was given is not in it.',
    confirm: 'Counter-test: the certificate with that name (or address) added to `names`.',
  },
  'certificate-key': {
    shows: 'Alert 43 or 42 from the client, or alert 40 because its suites fit only another kind of key.',
    confirm: 'Counter-test: the same mode with an RSA-2048 (or ECDSA P-256) certificate.',
  },
  'plaintext-only': {
    shows:
      'No ClientHello on any connection of the trial; commands in the clear, refused with 530, 504, 554, -ERR or NO.',
    confirm: 'Counter-test: the same mode with plaintext allowed.',
  },
  'plaintext-fallback': {
    shows: 'A connection with a failed or refused TLS start, then mail commands in the clear in the same trial.',
    confirm:
      'Counter-test: plaintext allowed lets the mail through, unencrypted. Check what the device’s setting says.',
  },
  'wrong-tls-mode': {
    shows:
      'A ClientHello as first bytes on a STARTTLS port, or a client that waits for a greeting on an implicit port.',
    confirm: 'Run the device’s other setting with the port that fits.',
  },
  'auth-missing': {
    shows: 'Mail commands after TLS without any AUTH (HELO only, or POP before SMTP); the server answers 530 or 554.',
    confirm: 'Counter-test: the same mode with NONE added to `auth`.',
  },
  'auth-mechanism': {
    shows: 'The device asks for a mechanism that the mode does not list, or gives up after the list of mechanisms.',
    confirm: 'Counter-test: the same mode with that mechanism added to `auth`.',
  },
  'auth-rejected': {
    shows: 'AUTH with a listed mechanism, answered with 535. The note tells whether the password was cut off.',
    confirm: 'Compare the length of the password received with the account’s. Try again with a short password.',
  },
  'mail-refused': {
    shows: 'TLS and AUTH succeeded; MAIL, RCPT or DATA was answered with 4xx or 5xx.',
    confirm: 'Read the server’s answer in the log; try a small mail with the mailbox’s own sender address.',
  },
  'mail-lost': {
    shows: 'TLS and AUTH succeeded, nothing was refused, and no mail of this trial is in the mailbox.',
    confirm: 'Look for later connections of the device and for its queue; repeat with a longer wait.',
  },
  banned: {
    shows:
      'Connections are refused or closed before the greeting after earlier ones from the same address were served.',
    confirm: 'Look at the server’s ban list; try from another address.',
  },
  intercepted: {
    shows:
      'The server offered STARTTLS and got XXXXXXXX instead (a firewall that inspects SMTP), or the ClientHello is not the one this program sends elsewhere (a virus scanner).',
    confirm:
      'Run the device in a network without that box, or on 465; for a virus scanner, compare JA3 and JA4 with it switched off.',
  },
  'connection-dropped': {
    shows: 'A side closed without alert or answer; several causes leave this trace (see candidates).',
    confirm: 'None of the counter-tests let the device through. Change one thing at a time at the device.',
  },
  'not-testable': {
    shows: 'The mode lists what the device offers, but this engine cannot speak it (see `unspoken`).',
    confirm: 'Run it with an engine that can.',
  },
  'not-in-this-lab': {
    shows: 'No way to reach the device here: hardware, stack or program is missing.',
    confirm: 'Run it where the device is.',
  },
  'not-applicable': {
    shows: 'The device has no setting for this direction, or the scenario does not fit it.',
    confirm: 'Read the device file.',
  },
  'never-connected': {
    shows: 'The tap saw no connection, whatever the device said.',
    confirm: 'Check address and port in the transcript, and whether the device can reach the tap.',
  },
  'device-trouble': {
    shows:
      'The console ended, hung, flooded or could not be reached, or the control against a forgiving server failed.',
    confirm: 'Read the transcript; drive the device by hand.',
  },
  'server-trouble': {
    shows: 'The server of the mode stopped or refused the tap during the trial.',
    confirm: 'Read server.log; start the mode again and repeat.',
  },
  'harness-trouble': {
    shows: 'Our own fault: the trial was not observed to its end.',
    confirm: 'Repeat it; if it happens again, report it with the run folder.',
  },
};
