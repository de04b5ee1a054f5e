import type { CustomerText } from '../cause-texts.ts';
import type { Cause } from '../vocabulary/finding.ts';

/** Plain English: customers read this at the device, with someone waiting. */
export const ENGLISH: Readonly<Record<Cause, CustomerText>> = {
  'version-too-old': {
    name: 'Outdated TLS version',
    what: 'The device can only encrypt with outdated TLS versions (1.0 and 1.1, or older). The server does not accept such connections.',
    why: 'These versions date from 1999 and 2006. They have been officially obsolete since 2021.',
    todo: 'Look for a firmware update on the manufacturer’s site and install it.',
  },
  'no-shared-cipher': {
    name: 'The device knows no encryption method that our server accepts',
    what: 'The device knows no encryption method that our server accepts. No connection is made.',
    why: 'The device only offers old methods that are considered unsafe today.',
    todo: 'Install the latest firmware. Check whether stronger encryption can be switched on at the device.',
  },
  'no-shared-group': {
    name: 'The device knows no key exchange that our server accepts',
    what: 'At the start of each connection device and server agree on a key. For that, the device knows no method that our server accepts.',
    why: 'The device only knows older or uncommon ways.',
    todo: 'Install the latest firmware.',
  },
  'no-shared-signature': {
    name: 'The device knows no method by which our server identifies itself',
    what: 'Our server has to identify itself to the device. For that, the device only understands an outdated method (a signature with SHA-1).',
    why: 'The device knows TLS 1.2, but not the digital signatures in use today.',
    todo: 'Install the latest firmware.',
  },
  'certificate-untrusted': {
    name: 'Device does not trust the certificate',
    what: 'The device does not trust the server’s certificate and ends the connection.',
    why: 'The issuer of the certificate is missing from the device’s list. On older devices this list is often out of date.',
    todo: 'Install the latest firmware. Some devices let you add a certificate by hand: support can tell you which one.',
  },
  'certificate-dates': {
    name: 'Check date and time on the device',
    what: 'The device believes that the server’s certificate has expired or is not valid yet.',
    why: 'Usually the clock of the device is wrong, for example after a power cut.',
    todo: 'Check date and time on the device. Best let it set its clock over the internet.',
  },
  'certificate-name': {
    name: 'Server name does not match the certificate',
    what: 'The server name entered in the device is not in the server’s certificate.',
    why: 'Often an IP address or an old server name is entered.',
    todo: 'Enter exactly the server name that we give. Do not use an IP address.',
  },
  'certificate-key': {
    name: 'Device cannot read the certificate',
    what: 'The device cannot handle the kind of key in the server’s certificate.',
    why: 'The device only knows older kinds of certificates.',
    todo: 'Install the latest firmware.',
  },
  'plaintext-only': {
    name: 'Unencrypted connection',
    what: 'The device connects without encryption. The server only accepts encrypted connections.',
    why: 'Encryption is not set on the device, or the device has none.',
    todo: 'Set “SSL/TLS” or “STARTTLS” on the device. If there is no such choice, look for a firmware update.',
  },
  'plaintext-fallback': {
    name: 'Device falls back to unencrypted',
    what: 'The device first tries with encryption. If that fails, it tries again without, and does not ask you.',
    why: 'The setting “TLS if available” (or “automatic”) does not enforce encryption.',
    todo: 'Set “SSL/TLS” or “STARTTLS” explicitly, not “automatic”. Then change the mailbox password: it may have been sent unencrypted.',
  },
  'wrong-tls-mode': {
    name: 'Port and encryption do not match',
    what: 'The device starts encryption in another way than the server expects on this port.',
    why: 'Port and kind of encryption belong together. The device has a mixture.',
    todo: 'To send, use port 465 with “SSL/TLS” or port 587 with “STARTTLS”. To fetch, use port 993 (IMAP) or 995 (POP3) with “SSL/TLS”.',
  },
  'auth-missing': {
    name: 'No login',
    what: 'The device does not log in to the outgoing mail server. Without a login the server takes no mail.',
    why: 'No user name and password are entered, or the device cannot log in to send.',
    todo: 'Switch on authentication for the outgoing server (SMTP). Enter user name and password of the mailbox.',
  },
  'auth-mechanism': {
    name: 'Kind of login not supported',
    what: 'The device logs in in a way that the server does not offer.',
    why: 'Older devices only know logins such as CRAM-MD5.',
    todo: 'Set the login on the device to “PLAIN”, “LOGIN” or “normal password”, together with “SSL/TLS” or “STARTTLS”.',
  },
  'auth-rejected': {
    name: 'Login rejected',
    what: 'The server rejects the user name or the password.',
    why: 'They are wrong, or the device cuts off a long password.',
    todo: 'Enter user name and password again. If the device cuts off long passwords, create a separate mailbox for the device with a shorter password.',
  },
  'mail-refused': {
    name: 'Mail refused',
    what: 'Encryption and login succeed, but the server refuses the mail itself.',
    why: 'Often the sender address does not belong to the mailbox, or the mail is too large.',
    todo: 'Enter the address of the mailbox as sender. Lower the resolution of scans.',
  },
  'mail-lost': {
    name: 'Mail does not arrive',
    what: 'The device connects and logs in. Still no mail arrives.',
    why: 'The device gives up during the transfer. It may not show the error.',
    todo: 'Send a short test message. Restart the device and install the latest firmware.',
  },
  banned: {
    name: 'Your address is blocked for a while',
    what: 'The server currently takes no connections from your internet address.',
    why: 'A device has failed to log in too often. Our servers then block your internet address for a while.',
    todo: 'Switch the device off and wait. Correct its settings before you switch it on again.',
  },
  intercepted: {
    name: 'Something between device and server changes the connection',
    what: 'The connection is changed on its way from the device to our server. So it cannot be encrypted safely.',
    why: 'Usually a firewall, a router or a virus scanner inspects the mail. The device itself is not to blame.',
    todo: 'Set “SSL/TLS” on the device: with port 465 to send, with port 993 (IMAP) or 995 (POP3) to fetch. If that does not help, switch off the inspection of mail in firewall, router or virus scanner to try.',
  },
  'connection-dropped': {
    name: 'Connection ends, reason open',
    what: 'The device or the server ends the connection without giving a reason.',
    why: 'Several reasons look alike from outside, for example a certificate that is not trusted or a wrong clock.',
    todo: 'Check server name, port, date and time on the device. Install the latest firmware.',
  },
  'not-testable': {
    name: 'Cannot be tested here',
    what: 'This combination could not be tested with the test servers at hand.',
    why: 'The device uses a method so old that the test servers no longer know it.',
    todo: 'Ask support for a test by hand.',
  },
  'not-in-this-lab': {
    name: 'Device not in the test lab',
    what: 'This device was not available for the test.',
    why: 'It is not in the test lab or could not be reached.',
    todo: 'Check the settings of the device yourself. Support will help you.',
  },
  'not-applicable': {
    name: 'Does not apply',
    what: 'The device does not have this function.',
    why: 'The test does not fit this device.',
    todo: 'You need not do anything.',
  },
  'never-connected': {
    name: 'No connection seen',
    what: 'The device did not connect to the server during the test. This says nothing about whether it is suitable.',
    why: 'The function may be switched off, the server name wrong or the port blocked.',
    todo: 'Check server name and port. Restart the device after a change and try again.',
  },
  'device-trouble': {
    name: 'Device does not respond',
    what: 'The device stopped responding properly during the test, so there is no result.',
    why: 'It hung, could not be reached or only reported errors.',
    todo: 'Restart the device. Then ask support.',
  },
  'server-trouble': {
    name: 'Test server trouble',
    what: 'The test server had trouble during the test, so there is no result.',
    why: 'The device was not at fault.',
    todo: 'The test will be repeated. You need not do anything.',
  },
  'harness-trouble': {
    name: 'Test trouble',
    what: 'The test itself failed, so there is no result.',
    why: 'The device was not at fault.',
    todo: 'The test will be repeated. You need not do anything.',
  },
};
