import type { Mode } from '../../vocabulary/mode.ts';
import { suiteByName } from '../../vocabulary/iana.ts';
import { carries, type ProbedVersion, versionsIn } from '../proof/hello.ts';
import { type ListenerFacts, SAMPLE_GROUPS, SAMPLE_SUITES, type TlsAnswers } from './ask-listener.ts';

/** Something that an operator should know of one listener. `text` goes on after the listener's name and port. */
export interface Problem {
  readonly kind: ProblemKind;
  /** `note`: worth knowing, and no contradiction to the mode. */
  readonly weight: 'differs' | 'note';
  readonly text: string;
  readonly advice: string;
}

export type ProblemKind =
  | 'unusable'
  | 'unseen'
  | 'starttls'
  | 'versions'
  | 'versions-without-name'
  | 'plaintext'
  | 'half-switched'
  | 'mx-demands-tls'
  | 'certificate-name'
  | 'certificate-without-name'
  | 'certificate-dates'
  | 'certificate-self-signed'
  | 'suites'
  | 'groups'
  | 'signatures'
  | 'mechanisms'
  | 'account'
  | 'siblings'
  | 'more-than-announced';

/** Compares what a listener did with what its mode says. Pure. */
export function judgeListener(facts: ListenerFacts, mode: Mode, now: Date): Problem[] {
  return [
    ...judgeUse(facts, mode),
    ...judgeClear(facts, mode),
    ...judgeVersions(facts, mode),
    ...judgeCertificate(facts, mode, now),
    ...judgeLists(facts, mode),
    ...judgeLogin(facts, mode),
  ];
}

function differs(kind: ProblemKind, text: string, advice: string): Problem {
  return { kind, weight: 'differs', text, advice };
}

function judgeUse({ unusable, endpoint }: ListenerFacts, mode: Mode): Problem[] {
  if (unusable === null) return [];
  if (unusable.kind === 'unclear') {
    const advice = 'Nothing is proven of it: run the proof where it can be reached.';
    return [differs('unseen', `could not be asked from here: ${unusable.why}`, advice)];
  }
  const offered =
    mode.ports === undefined
      ? ` If you do not offer port ${endpoint.port}, name those that you do in the mode's \`ports\`.`
      : '';
  const advice = `Check that a server listens there and that no firewall is in between.${offered}`;
  return [differs('unusable', `cannot be used by a good client: ${unusable.why}`, advice)];
}

function judgeClear({ clear, endpoint, mx }: ListenerFacts, mode: Mode): Problem[] {
  if (clear === null) return [];
  const problems: Problem[] = [];
  if (clear.starttls !== (mode.starttls === 'offered')) {
    const text = clear.starttls ? 'offers STARTTLS, which the mode hides' : 'offers no STARTTLS';
    problems.push(differs('starttls', text, 'Check the certificate and TLS settings of this service.'));
  }
  if (mx && endpoint.port === 25 && clear.mail?.startsWith('530') === true) {
    problems.push(
      differs(
        'mx-demands-tls',
        `is an MX and demands STARTTLS ("${clear.mail}"), so other providers' servers without TLS cannot deliver`,
        'RFC 3207 section 4 forbids that for a public MX: offer TLS on port 25 and demand it on 587 only ' +
          '(Postfix: smtpd_tls_security_level=may for this service).',
      ),
    );
  }
  if (!mode.auth.some((mechanism) => mechanism !== 'NONE')) return problems;
  if (clear.login === 'allowed' && mode.plaintext === 'refused') {
    const text = `lets clients sign in without TLS (it answered "${clear.asked}"), and the mode refuses plaintext`;
    const advice =
      'Demand TLS before a login (Postfix: smtpd_tls_auth_only=yes; Dovecot: ssl=required, disable_plaintext_auth=yes).';
    return [...problems, differs('plaintext', text, advice)];
  }
  if (clear.login === 'refused' && mode.plaintext === 'allowed' && !(mx && endpoint.port === 25)) {
    const said = clear.asked === null ? 'it announces no login' : `it answered "${clear.asked}"`;
    const text = `lets nobody sign in without TLS (${said}), and the mode allows plaintext`;
    return [...problems, differs('plaintext', text, 'Check what the server demands before a login.')];
  }
  const isHalf = !mx && mode.plaintext === 'refused' && mode.refusal.plaintext === '530';
  if (isHalf && clear.mail?.startsWith('2') === true) {
    const text =
      `is only half switched: it offers TLS and does not demand it ` +
      `(in the clear, MAIL FROM was answered "${clear.mail}" and AUTH "${clear.asked}"; the mode says 530)`;
    const advice =
      'Demand TLS on this service, too (Postfix: smtpd_tls_security_level=encrypt). As long as it is "may", ' +
      'smtpd_tls_protocols governs the versions here, not smtpd_tls_mandatory_protocols.';
    problems.push(differs('half-switched', text, advice));
  }
  return problems;
}

function judgeVersions({ withName, withoutName, endpoint, mx }: ListenerFacts, mode: Mode): Problem[] {
  // An MX that refuses old versions gets the mail of old servers in the clear instead: nothing is held against it.
  if (withName === null || (mx && endpoint.port === 25)) return [];
  const range = `TLS ${mode.tls.min} to ${mode.tls.max}`;
  const listed = versionsIn(mode).filter((version) =>
    mode.suites.some((name) => {
      const suite = suiteByName(name);
      return suite !== undefined && carries(version, suite);
    }),
  );
  const tooMany = withName.accepted.filter((version) => !listed.includes(version));
  const missing = withName.refused.filter((version) => listed.includes(version));
  const problems: Problem[] = [];
  if (tooMany.length > 0) {
    const advice = 'Apply the range of versions to this service (Postfix, port 25 with "may": smtpd_tls_protocols).';
    problems.push(differs('versions', `accepts ${spoken(tooMany)}, and the mode says ${range}`, advice));
  }
  if (missing.length > 0) {
    const advice =
      "Check the range of versions and, for TLS 1.0 and 1.1, that OpenSSL's security level is 0 (@SECLEVEL=0).";
    problems.push(differs('versions', `refuses ${spoken(missing)}, and the mode says ${range}`, advice));
  }
  for (const { version, why } of withName.unclear) {
    const text = `did not show whether it takes TLS ${version}: ${why}`;
    problems.push(differs('unseen', text, 'Ask again, with a longer --pause.'));
  }
  if (withoutName !== null && versionsOf(withoutName) !== versionsOf(withName)) {
    const text =
      `accepts ${spoken(withoutName.accepted)} from clients that send no server name (SNI), ` +
      `and ${spoken(withName.accepted)} from those that do`;
    const advice = 'Old devices send no server name: give this address the same range of versions by default.';
    problems.push(differs('versions-without-name', text, advice));
  }
  return problems;
}

function judgeCertificate({ withName, withoutName, kind, name }: ListenerFacts, mode: Mode, now: Date): Problem[] {
  const shown = withName?.certificate ?? null;
  if (shown === null) return [];
  const problems: Problem[] = [];
  if (!shown.coversName) {
    const text = `shows a certificate that does not cover ${name} (it holds ${shown.names})`;
    problems.push(differs('certificate-name', text, 'Add the name to the certificate.'));
  }
  if (shown.selfSigned) {
    const advice = 'Give this service the certificate of an authority, with its intermediates.';
    problems.push(differs('certificate-self-signed', 'shows a certificate that it signed itself', advice));
  }
  const nameless = withoutName?.certificate ?? null;
  // An alias of a strict mode may depend on the server name: whoever speaks TLS 1.2 mostly sends one.
  const matters = kind === 'host' || mode.tls.min === '1.0' || mode.tls.min === '1.1';
  if (shown.coversName && nameless !== null && !nameless.coversName && matters) {
    const text =
      `shows a certificate that does not cover ${name} to clients that send no server name (SNI); ` +
      `it holds ${nameless.names}`;
    const advice = 'Old devices send no server name: make this certificate the default of the address.';
    problems.push(differs('certificate-without-name', text, advice));
  }
  const [from, to] = [new Date(shown.notBefore), new Date(shown.notAfter)];
  if (now < from || now > to) {
    const text = `shows a certificate that is valid from ${shown.notBefore} to ${shown.notAfter}`;
    problems.push(differs('certificate-dates', text, 'Renew it.'));
  }
  return problems;
}

/** A sample of suites and groups, all in TLS 1.2; where that is not to be had there is nothing to compare. */
function judgeLists(facts: ListenerFacts, mode: Mode): Problem[] {
  if (facts.withName?.accepted.includes('1.2') !== true || !versionsIn(mode).includes('1.2')) return [];
  const isEc = facts.withName.certificate?.keyType === 'ec';
  const suites = SAMPLE_SUITES.filter((name) => suiteByName(name)?.auth === (isEc ? 'ECDSA' : 'RSA'));
  const problems = [
    ...compareList('suites', suites, facts.suites, mode.suites),
    // With a certificate on a curve, the client's groups must hold that curve as well (RFC 8422 section 5.1).
    ...(isEc ? [] : compareList('groups', SAMPLE_GROUPS, facts.groups, mode.groups)),
  ];
  const lists = mode.signatures.some((name) => /^(?:rsa_pkcs1|ecdsa)_sha1$/.test(name));
  if (facts.sha1 && !lists) {
    const text = 'serves TLS 1.2 clients that know SHA-1 signatures alone, and the mode lists none of those';
    // Measured with 3.7: Postfix does so unless it is told otherwise; Dovecot does not.
    const isUsual = facts.endpoint.protocol === 'smtp';
    const advice = isUsual
      ? 'Postfix does so by itself: such a device can send and, where IMAP is stricter, not fetch.'
      : "Check OpenSSL's list of signatures and security level.";
    problems.push({ kind: 'signatures', weight: isUsual ? 'note' : 'differs', text, advice });
  }
  if (!facts.sha1 && lists) {
    const text = 'refuses TLS 1.2 clients that know SHA-1 signatures alone, and the mode lists those';
    problems.push(differs('signatures', text, "Check OpenSSL's list of signatures and security level."));
  }
  return problems;
}

function compareList(
  kind: 'suites' | 'groups',
  sample: readonly string[],
  served: readonly string[],
  listed: readonly string[],
): Problem[] {
  const advice = `Check the server's list of ${kind}, or the mode's.`;
  const extra = sample.filter((name) => served.includes(name) && !listed.includes(name));
  const missing = sample.filter((name) => !served.includes(name) && listed.includes(name));
  return [
    ...(extra.length > 0
      ? [differs(kind, `negotiates ${extra.join(', ')}, which the mode does not list`, advice)]
      : []),
    ...(missing.length > 0 ? [differs(kind, `refuses ${missing.join(', ')}, which the mode lists`, advice)] : []),
  ];
}

function judgeLogin({ login, mechanisms, withName, endpoint, mx }: ListenerFacts, mode: Mode): Problem[] {
  const problems: Problem[] = [];
  // LOGIN of IMAP and USER of POP3 are no mechanisms, and serve whoever has a password.
  const needed = mode.auth.filter((name) => name !== 'NONE' && (endpoint.protocol === 'smtp' || name === 'CRAM-MD5'));
  const missing = needed.filter((name) => !mechanisms.includes(name));
  if (withName !== null && missing.length > 0 && !(mx && endpoint.port === 25)) {
    const text = `announces ${mechanisms.join(', ') || 'no mechanism'} inside TLS, and the mode lists ${missing.join(', ')}`;
    problems.push(differs('mechanisms', text, 'Check the SASL settings of this service.'));
  }
  if (typeof login === 'object') {
    const text = `does not let the test account in: ${login.refused}`;
    const advice = 'Check user and password of `account`. No further login was tried: servers count failures.';
    problems.push(differs('account', text, advice));
  }
  return problems;
}

function versionsOf({ accepted }: TlsAnswers): string {
  return accepted.join(' ');
}

function spoken(versions: readonly ProbedVersion[]): string {
  return versions.length === 0 ? 'nothing' : `TLS ${versions.join(', ')}`;
}
