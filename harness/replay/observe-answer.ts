import { describeRecorded, type RecordedHello } from '../corpus/recorded-hello.ts';
import { authOf, fitsVersion, isTls13 } from '../judging/negotiation.ts';
import { type ClientLimits, isOutside, type ServerRules } from '../predict/server-rules.ts';
import type { ClientHello, ServerHello } from '../vocabulary/evidence.ts';
import type { Cause } from '../vocabulary/finding.ts';
import { compareVersions, type TlsVersion } from '../vocabulary/mode.ts';
import type { Answer } from './read-answer.ts';
import { type Lack, LACKS, repairHello } from './repair-hello.ts';

/** What a replay showed. `inconclusive`: the server gave no answer of TLS. */
export type Observed =
  | { readonly outcome: 'works'; readonly serverHello: ServerHello }
  | { readonly outcome: 'fails' | 'not-run'; readonly cause: Cause; readonly because: string }
  | { readonly outcome: 'inconclusive'; readonly because: string };

export interface Asking {
  /** Sends a hello to the same server, or to its twin with a certificate of the other kind of key. */
  readonly ask: (hello: RecordedHello) => Promise<Answer>;
  readonly askTwin?: (hello: RecordedHello) => Promise<Answer>;
  readonly rules: ServerRules;
  readonly limits?: ClientLimits | undefined;
}

/**
 * Outcome and cause of a replay. The cause is found by asking again, not by comparing lists: the hello is completed in
 * all respects but one, and the first without which the server still refuses is the cause.
 */
export async function observeAnswer(hello: RecordedHello, answer: Answer, asking: Asking): Promise<Observed> {
  const { rules } = asking;
  switch (answer.kind) {
    case 'hello':
      return checkAnswer(describeRecorded(hello), answer, rules, asking.limits);
    case 'alert':
      return nameCause(hello, `It answered with alert ${answer.number} (${answer.name}).`, asking);
    case 'closed':
      return nameCause(hello, `It ended the connection (${answer.how}) without a word.`, asking);
    default:
      return { outcome: 'inconclusive', because: answer.why };
  }
}

/** What the server chose against what the client could accept: it must have offered all of it. */
function checkAnswer(
  hello: ClientHello,
  { serverHello, certificate }: Extract<Answer, { kind: 'hello' }>,
  rules: ServerRules,
  limits: ClientLimits | undefined,
): Observed {
  const { version, suite, group, signature, dhBits } = serverHello;
  const { key } = rules;
  const fails = (cause: Cause, because: string): Observed => ({ outcome: 'fails', cause, because });
  if (isRefusedLater(version, rules)) return fails('version-too-old', `TLS ${version}, to be refused in words.`);
  if (!offersVersion(hello, version)) {
    return fails('connection-dropped', `The server chose ${version}, which it did not offer.`);
  }
  if (!hello.suites.includes(suite))
    return fails('connection-dropped', `The server chose ${suite}, which it did not offer.`);
  if (group !== null && hello.groups !== null && !hello.groups.includes(group)) {
    return fails('no-shared-group', `The server chose ${group}, which it did not offer.`);
  }
  if (signature !== null && hello.signatures !== null && !hello.signatures.includes(signature)) {
    return fails('no-shared-signature', `The server signed with ${signature}, which it did not offer.`);
  }
  // TLS 1.3 hides the certificate; the mode tells its key.
  const bits = Number(/\d+/.exec(certificate?.key.replace('EC prime256v1', 'EC 256') ?? '')?.[0] ?? key.bits);
  const auth = isTls13(suite) ? key.type : authOf(suite);
  const bounds = auth === 'RSA' ? limits?.rsaBits : limits?.ecdsaBits;
  if (isOutside(bits, bounds)) return fails('certificate-key', `It does not take a certificate with ${bits} bits.`);
  if (dhBits !== null && isOutside(dhBits, limits?.dhBits)) {
    return fails('no-shared-group', `It does not take Diffie-Hellman with ${dhBits} bits.`);
  }
  return { outcome: 'works', serverHello };
}

const CAUSE_OF: Readonly<Record<Lack, Cause>> = {
  versions: 'version-too-old',
  fallback: 'connection-dropped',
  suites: 'no-shared-cipher',
  signatures: 'no-shared-signature',
  groups: 'no-shared-group',
};

async function nameCause(hello: RecordedHello, because: string, asking: Asking): Promise<Observed> {
  const { rules, ask, askTwin } = asking;
  if (isRefusedLater(describeRecorded(hello).maxVersion, rules)) {
    return { outcome: 'fails', cause: 'version-too-old', because };
  }
  const passes = async (lacks: readonly Lack[]) => (await ask(repairHello(hello, lacks, rules))).kind === 'hello';
  if (!(await passes(LACKS))) return { outcome: 'fails', cause: 'connection-dropped', because };
  for (const [i, lack] of LACKS.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- each question follows from the answer before
    if (lack !== 'groups' && (await passes(LACKS.slice(i + 1)))) continue;
    const rest = repairHello(hello, LACKS.slice(i + 1), rules);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const isKey =
      (lack === 'suites' || lack === 'signatures') && askTwin !== undefined && (await askTwin(rest)).kind === 'hello';
    if (isKey) return { outcome: 'fails', cause: 'certificate-key', because };
    const isLost = isUnspoken(describeRecorded(hello), lack, rules);
    return isLost
      ? { outcome: 'not-run', cause: 'not-testable', because }
      : { outcome: 'fails', cause: CAUSE_OF[lack], because };
  }
  return { outcome: 'fails', cause: 'connection-dropped', because };
}

/** Servers that say no in words only after TLS refuse such a client twice: it is too old, whatever else it lacks. */
function isRefusedLater(version: TlsVersion, { mode, versions }: ServerRules): boolean {
  const { min } = mode.tls;
  return compareVersions(versions[0] ?? min, min) < 0 && compareVersions(version, min) < 0;
}

/** Of what the mode would allow the hello offers only what this engine cannot speak. */
function isUnspoken(hello: ClientHello, lack: Lack, rules: ServerRules): boolean {
  if (lack === 'fallback') return false;
  const version = rules.versions.findLast((v) => offersVersion(hello, v));
  // A suite of another version than the one that both choose does not help.
  const counts = (name: string) => lack !== 'suites' || version === undefined || fitsVersion(name, version);
  const offers = (names: readonly string[]) => names.some((name) => counts(name) && listOf(hello, lack).includes(name));
  return offers(rules.unspoken[lack]) && !offers(rules[lack]);
}

function listOf(hello: ClientHello, lack: Exclude<Lack, 'fallback'>): readonly string[] {
  return hello[lack] ?? [];
}

function offersVersion(hello: ClientHello, version: TlsVersion): boolean {
  const isListed = hello.extensions.includes('supported_versions');
  return isListed ? hello.versions.includes(version) : compareVersions(version, hello.maxVersion) <= 0;
}
