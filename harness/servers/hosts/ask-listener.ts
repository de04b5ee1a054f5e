import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Mode } from '../../vocabulary/mode.ts';
import { suiteByName } from '../../vocabulary/iana.ts';
import type { Account } from '../contract.ts';
import {
  type Attempt,
  imapAnswer,
  NoAnswer,
  openEncrypted,
  POP3_LINES,
  SMTP_REPLY,
  type Talk,
  type Target,
} from '../proof/client.ts';
import { logIn } from '../proof/dialogue.ts';
import {
  helloOfGoodClient,
  helloOfGroups,
  helloOfSha1Signatures,
  helloOfSuite,
  helloOfVersion,
  PROBED_VERSIONS,
  type ProbedVersion,
} from '../proof/hello.ts';
import { askInTheClear, type ClearFacts } from './ask-in-the-clear.ts';
import type { Listener } from './find-listeners.ts';

/** What one listener did, whatever its mode says. */
export interface ListenerFacts extends Listener {
  /** null: it greets, and a good client gets TLS. Otherwise what kept it, and whether that is the server's doing. */
  readonly unusable: { readonly kind: 'refused' | 'unclear' | 'hung'; readonly why: string } | null;
  /** null on ports that start with TLS, and where the dialogue broke off. */
  readonly clear: ClearFacts | null;
  readonly withName: TlsAnswers | null;
  /** The same without a server name (SNI), which old devices do not send; null where the name is an address. */
  readonly withoutName: TlsAnswers | null;
  /** SASL mechanisms that are announced inside TLS. */
  readonly mechanisms: readonly string[];
  /** Suites of the sample that TLS 1.2 negotiates. */
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  /** Whether a TLS 1.2 client that knows SHA-1 signatures alone is served. */
  readonly sha1: boolean;
  /** Of the test account, inside TLS. */
  readonly login: 'accepted' | 'not-tried' | { readonly refused: string };
}

export interface TlsAnswers {
  readonly accepted: readonly ProbedVersion[];
  readonly refused: readonly ProbedVersion[];
  /** Versions of which the probe itself could not tell, and why. */
  readonly unclear: readonly { readonly version: ProbedVersion; readonly why: string }[];
  readonly certificate: CertificateAnswer | null;
}

interface CertificateAnswer {
  readonly names: string;
  readonly coversName: boolean;
  readonly keyType: string;
  readonly issuer: string;
  /** Signed by its own key: what a fresh installation shows until somebody gives it a certificate. */
  readonly selfSigned: boolean;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
}

export interface AskOptions {
  readonly mode: Mode;
  /** null: no login is tried. */
  readonly account: Account | null;
  readonly idleMs: number;
  /** Waited for before each connection. */
  readonly pace: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** One suite of each kind that old devices depend on; all of them exist in OpenSSL 3. */
export const SAMPLE_SUITES = [
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_DHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
] as const;
export const SAMPLE_GROUPS = ['x25519', 'secp256r1', 'secp384r1'] as const;

/** Asks one listener everything, one connection after the other. Never throws for what a server does. */
export async function askListener(listener: Listener, options: AskOptions): Promise<ListenerFacts> {
  const { endpoint, address, dialled, name } = listener;
  const target: Target = {
    endpoint,
    host: address,
    port: dialled,
    serverName: isIP(name) === 0 ? name : '',
    idleMs: options.idleMs,
    pace: options.pace,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const mode = { ...options.mode, groups: [...SAMPLE_GROUPS] };
  const clear = await inTheClear(target, options);
  const nothing = {
    clear: null,
    withName: null,
    withoutName: null,
    mechanisms: [],
    suites: [],
    groups: [],
    sha1: false,
  };
  if (clear instanceof NoAnswer) {
    return { ...listener, ...nothing, unusable: { kind: clear.kind, why: clear.message }, login: 'not-tried' };
  }
  if (clear?.starttls === false) return { ...listener, ...nothing, clear, unusable: null, login: 'not-tried' };

  const good = await openEncrypted(target, helloOfGoodClient(mode, '1.3'));
  if (good.kind !== 'open') {
    return { ...listener, ...nothing, clear, unusable: { kind: good.kind, why: good.why }, login: 'not-tried' };
  }
  const inside = await insideTls(good, target, options);
  const nameless: Target | null = target.serverName === '' ? null : { ...target, serverName: '' };
  const facts = {
    clear,
    withName: { ...(await askVersions(target, mode)), certificate: describe(good.tls?.certificate ?? null, name) },
    withoutName: nameless === null ? null : await askWithoutName(nameless, mode, name),
    ...inside,
    suites: await askSuites(target, mode, good.tls?.keyType ?? ''),
    groups: await askGroups(target),
    sha1: await isServed(target, helloOfSha1Signatures(mode)),
  };
  // Without this, a server that had enough of so many connections would pass for one that refuses old versions.
  if (await isServed(target, helloOfGoodClient(mode, '1.3'))) return { ...listener, ...facts, unusable: null };
  const why = 'it served the first client and not the last: a limit of connections? Take a longer --pause';
  return { ...listener, ...nothing, clear, login: facts.login, unusable: { kind: 'refused', why } };
}

async function inTheClear(target: Target, options: AskOptions): Promise<ClearFacts | null | NoAnswer> {
  if (target.endpoint.tls === 'implicit') return null;
  const { mode } = options;
  const user = mode.account?.user ?? 'proof';
  const from = mode.account?.address ?? '';
  try {
    return await askInTheClear(target, { user, from, auth: mode.auth });
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}

async function insideTls(
  good: Extract<Attempt, { readonly kind: 'open' }>,
  { endpoint }: Target,
  { account, mode }: AskOptions,
): Promise<Pick<ListenerFacts, 'mechanisms' | 'login'>> {
  using talk = good.talk;
  const { protocol } = endpoint;
  let mechanisms: string[] = [];
  try {
    mechanisms = await readMechanisms(talk, protocol);
    if (account === null || mode.auth.every((mechanism) => mechanism === 'NONE')) {
      return { mechanisms, login: 'not-tried' };
    }
    await logIn(talk, protocol, { account, auth: mode.auth, marker: '' });
    return { mechanisms, login: 'accepted' };
  } catch (error) {
    if (error instanceof NoAnswer) return { mechanisms, login: { refused: error.message } };
    throw error;
  } finally {
    talk.send(protocol === 'imap' ? 'z LOGOUT' : 'QUIT');
  }
}

async function readMechanisms(talk: Talk, protocol: Listener['endpoint']['protocol']): Promise<string[]> {
  const { line, answer, word } = MECHANISMS[protocol];
  talk.send(line);
  const words = await talk.read(answer);
  return [...new Set([...words.matchAll(word)].flatMap(([, names]) => (names ?? '').trim().split(/\s+/)))]
    .map((name) => name.toUpperCase().slice(0, 40))
    .filter((name) => name !== '')
    .sort();
}

const MECHANISMS = {
  smtp: { line: 'EHLO proof.invalid', answer: SMTP_REPLY, word: /^250.AUTH[ =]([^\r\n]*)/gim },
  imap: { line: 'm CAPABILITY', answer: imapAnswer('m'), word: /\bAUTH=(\S+)/gi },
  pop3: { line: 'CAPA', answer: POP3_LINES, word: /^SASL([^\r\n]*)/gim },
} as const;

async function askWithoutName(target: Target, mode: Mode, name: string): Promise<TlsAnswers> {
  const good = await openEncrypted(target, helloOfGoodClient(mode, '1.3'));
  const certificate = good.kind === 'open' ? describe(good.tls?.certificate ?? null, name) : null;
  if (good.kind === 'open') leave(good.talk, target);
  return { ...(await askVersions(target, mode)), certificate };
}

async function askVersions(target: Target, mode: Mode): Promise<Omit<TlsAnswers, 'certificate'>> {
  const accepted: ProbedVersion[] = [];
  const refused: ProbedVersion[] = [];
  const unclear: { readonly version: ProbedVersion; readonly why: string }[] = [];
  for (const version of PROBED_VERSIONS) {
    const attempt = await openEncrypted(target, helloOfVersion(mode, version));
    if (attempt.kind === 'open') {
      leave(attempt.talk, target);
      accepted.push(version);
    } else if (attempt.kind === 'refused' && !attempt.why.startsWith('nothing listens')) refused.push(version);
    else unclear.push({ version, why: attempt.why });
  }
  return { accepted, refused, unclear };
}

async function askSuites(target: Target, mode: Mode, keyType: string): Promise<string[]> {
  const served: string[] = [];
  for (const name of SAMPLE_SUITES) {
    const suite = suiteByName(name);
    if (suite === undefined || suite.auth !== (keyType === 'ec' ? 'ECDSA' : 'RSA')) continue;
    const hello = helloOfSuite(mode, '1.2', suite);
    if (hello !== null && (await isServed(target, hello))) served.push(name);
  }
  return served;
}

async function askGroups(target: Target): Promise<string[]> {
  const served: string[] = [];
  for (const group of SAMPLE_GROUPS) {
    const hello = helloOfGroups('1.2', [group]);
    if (hello !== null && (await isServed(target, hello))) served.push(group);
  }
  return served;
}

async function isServed(target: Target, hello: Parameters<typeof openEncrypted>[1]): Promise<boolean> {
  const attempt = await openEncrypted(target, hello);
  if (attempt.kind === 'open') leave(attempt.talk, target);
  return attempt.kind === 'open';
}

/** Says good-bye, so that no server's log counts a lost connection. */
function leave(talk: Talk, { endpoint }: Target): void {
  talk.send(endpoint.protocol === 'imap' ? 'z LOGOUT' : 'QUIT');
  talk[Symbol.dispose]();
}

function describe(certificate: X509Certificate | null, name: string): CertificateAnswer | null {
  if (certificate === null) return null;
  const covers = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return {
    names: certificate.subjectAltName ?? certificate.subject,
    coversName: covers !== undefined,
    keyType: certificate.publicKey.asymmetricKeyType ?? '',
    issuer: certificate.issuer,
    selfSigned: certificate.checkIssued(certificate),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    sha256: certificate.fingerprint256,
  };
}
