import type { CustomerText } from '../cause-texts.ts';
import type { Cause } from '../vocabulary/finding.ts';
import type { Software } from './software.ts';

type Texts = Partial<Record<Cause, Partial<CustomerText>>>;

/** The English of `software-german.ts`. */
export const SOFTWARE_ENGLISH: Readonly<Record<Software, Readonly<Texts>>> = {
  program: textsFor({ noun: 'program', where: 'in the program', full: 'program' }),
  system: textsFor({ noun: 'system', where: 'in the mail program', full: 'operating system' }),
};

interface Words {
  readonly noun: 'program' | 'system';
  readonly where: string;
  /** What there is a newer version of. */
  readonly full: string;
}

function textsFor({ noun, where, full }: Words): Texts {
  const update = `Install a newer version of the ${full}.`;
  const capital = noun === 'program' ? 'Program' : 'System';
  return {
    'version-too-old': {
      what: `The ${noun} can only encrypt with outdated TLS versions (1.0 and 1.1, or older). The server does not accept such connections.`,
      todo: update,
    },
    'no-shared-cipher': {
      name: `The ${noun} knows no encryption method that our server accepts`,
      what: `The ${noun} knows no encryption method that our server accepts. No connection is made.`,
      why: `The ${noun} only offers old methods that are considered unsafe today.`,
      todo: update,
    },
    'no-shared-group': {
      name: `The ${noun} knows no key exchange that our server accepts`,
      what: `At the start of each connection ${noun} and server agree on a key. For that, the ${noun} knows no method that our server accepts.`,
      why: `The ${noun} only knows older or uncommon ways.`,
      todo: update,
    },
    'no-shared-signature': {
      name: `The ${noun} knows no method by which our server identifies itself`,
      what: `Our server has to identify itself to the ${noun}. For that, the ${noun} only understands an outdated method (a signature with SHA-1).`,
      why: `The ${noun} knows TLS 1.2, but not the digital signatures in use today.`,
      todo: update,
    },
    'certificate-untrusted': {
      name: `${capital} does not trust the certificate`,
      what: `The ${noun} does not trust the server’s certificate and ends the connection.`,
      why: `The issuer of the certificate is missing from the list of the ${noun}. In older ${noun}s this list is often out of date.`,
      todo: `${update} Sometimes a certificate can be added by hand: support can tell you which one.`,
    },
    'certificate-dates': {
      name: 'Check date and time',
      why: 'Usually the clock of the computer or telephone is wrong.',
      todo: 'Check date and time on the computer or telephone. Best let it set its clock over the internet.',
      what: `The ${noun} believes that the server’s certificate has expired or is not valid yet.`,
    },
    'certificate-name': { what: `The server name entered ${where} is not in the server’s certificate.` },
    'certificate-key': {
      name: `${capital} cannot read the certificate`,
      what: `The ${noun} cannot handle the kind of key in the server’s certificate.`,
      why: `The ${noun} only knows older kinds of certificates.`,
      todo: update,
    },
    'plaintext-only': {
      what: `The ${noun} connects without encryption. The server only accepts encrypted connections.`,
      why: `Encryption is not set ${where}, or the ${noun} has none.`,
      todo: `Set “SSL/TLS” or “STARTTLS” ${where}. If there is no such choice, install a newer version of the ${full}.`,
    },
    'plaintext-fallback': {
      name: `${capital} falls back to unencrypted`,
      what: `The ${noun} first tries with encryption. If that fails, it tries again without, and does not ask you.`,
    },
    'wrong-tls-mode': {
      what: `The ${noun} starts encryption in another way than the server expects on this port.`,
      why: `Port and kind of encryption belong together. What is set ${where} is a mixture.`,
    },
    'auth-missing': {
      what: `The ${noun} does not log in to the outgoing mail server. Without a login the server takes no mail.`,
      why: `No user name and password are entered ${where}, or the ${noun} cannot log in to send.`,
    },
    'auth-mechanism': {
      what: `The ${noun} logs in in a way that the server does not offer.`,
      why: `Older ${noun}s only know logins such as CRAM-MD5.`,
      todo: `Set the login ${where} to “PLAIN”, “LOGIN” or “normal password”, together with “SSL/TLS” or “STARTTLS”.`,
    },
    'auth-rejected': {
      why: `They are wrong, or the ${noun} cuts off a long password.`,
      todo: `Enter user name and password again. If the ${noun} cuts off long passwords, give the mailbox a shorter one.`,
    },
    'mail-refused': { todo: 'Enter the address of the mailbox as sender. Make large attachments smaller.' },
    'mail-lost': {
      what: `The ${noun} connects and logs in. Still no mail arrives.`,
      why: `The ${noun} gives up during the transfer. It may not show the error.`,
      todo: `Send a short test message. Restart the ${noun}. ${update}`,
    },
    banned: {
      why: 'A program or device has failed to log in too often. Our servers then block your internet address for a while.',
    },
    intercepted: {
      name: `Something between ${noun} and server changes the connection`,
      what: `The connection is changed on its way from the ${noun} to our server. So it cannot be encrypted safely.`,
      why: `Usually a firewall, a router or a virus scanner inspects the mail. The ${noun} itself is not to blame.`,
      todo: `Set “SSL/TLS” ${where}: with port 465 to send, with port 993 (IMAP) or 995 (POP3) to fetch. If that does not help, switch off the inspection of mail in firewall, router or virus scanner to try.`,
    },
    'connection-dropped': {
      what: `The ${noun} or the server ends the connection without giving a reason.`,
      todo: `Check server name and port ${where}, and date and time. ${update}`,
    },
    'not-testable': { why: `The ${noun} uses a method so old that the test servers no longer know it.` },
    'not-in-this-lab': {
      name: `${capital} not in the test lab`,
      what: `This ${noun} was not available for the test.`,
      todo: `Check the settings ${where} yourself. Support will help you.`,
    },
    'not-applicable': {
      what: `The ${noun} does not have this function.`,
      why: `The test does not fit this ${noun}.`,
    },
    'never-connected': {
      what: `The ${noun} did not connect to the server during the test. This says nothing about whether it is suitable.`,
      todo: `Check server name and port. Restart the ${noun} after a change and try again.`,
    },
    'device-trouble': {
      name: `${capital} does not respond`,
      what: `The ${noun} stopped responding properly during the test, so there is no result.`,
      todo: `Restart the ${noun}. Then ask support.`,
    },
    'server-trouble': { why: `The ${noun} is not to blame.` },
    'harness-trouble': { why: `The ${noun} is not to blame.` },
  };
}
