import { EXTENSION } from '../corpus/read-extension.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { authOf, isTls13 } from '../judging/negotiation.ts';
import type { ServerKey } from '../predict/server-rules.ts';
import { groupByName, signatureByName, suiteByName } from '../vocabulary/iana.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import type { Answer } from './read-answer.ts';

/** The keys that a server has certificates for, one of each kind; or why it can be asked nothing. */
export type KeysFound = { readonly keys: readonly ServerKey[] } | { readonly unusable: string };

/**
 * Asks a server with two hellos that have everything its mode lists, each for one kind of certificate alone. A server
 * that refuses both has none of these keys, as far as is seen; one that says nothing of TLS is not worth more questions.
 */
export async function askKeys(mode: Mode, ask: (hello: RecordedHello) => Promise<Answer>): Promise<KeysFound> {
  const keys: ServerKey[] = [];
  for (const kind of KINDS) {
    const hello = helloFor(mode, kind);
    if (hello.suites.length === 0) continue;
    // oxlint-disable-next-line no-await-in-loop -- one connection at a time: they are somebody's servers
    const answer = await ask(hello);
    if (answer.kind === 'hello') keys.push(keyShown(kind, answer.certificate?.key ?? ''));
    else if ('why' in answer) return { unusable: answer.why };
  }
  return { keys };
}

const KINDS = ['RSA', 'ECDSA'] as const;
type Kind = (typeof KINDS)[number];

/** @param shown As certificate facts name a key, e.g. "RSA 2048", "EC secp384r1"; TLS 1.3 hides it. */
function keyShown(kind: Kind, shown: string): ServerKey {
  const bits = Number(/\d+/.exec(shown)?.[0] ?? (kind === 'RSA' ? 2048 : 256));
  return kind === 'RSA' ? { type: 'RSA', bits, curve: null } : { type: 'ECDSA', bits, curve: `secp${bits}r1` };
}

function helloFor(mode: Mode, kind: Kind): RecordedHello {
  const isNew = mode.tls.min === '1.3';
  const suites = mode.suites.filter((name) => (isNew ? isTls13(name) : authOf(name) === kind));
  const fits = new RegExp(kind === 'RSA' ? '^rsa_' : '^ecdsa_');
  const signatures = mode.signatures.filter((name) => fits.test(name));
  const codes = (names: readonly string[], find: (name: string) => { readonly code: number } | undefined) =>
    names.flatMap((name) => find(name)?.code ?? []);
  const version = compareVersions(mode.tls.max, '1.2') >= 0 ? 0x0303 : mode.tls.max === '1.1' ? 0x0302 : 0x0301;
  return {
    format: 'tls',
    recordVersion: 0x0301,
    version,
    sessionBytes: 0,
    suites: codes(suites, suiteByName),
    compressions: [0],
    extensions: [
      { code: EXTENSION.serverName, body: Buffer.alloc(0) },
      // A certificate on a curve needs that curve, too (RFC 8422 section 5.1).
      {
        code: EXTENSION.groups,
        body: vector(2, uint16(...codes([...new Set([...mode.groups, ...CURVES])], groupByName))),
      },
      { code: EXTENSION.signatures, body: vector(2, uint16(...codes(signatures, signatureByName))) },
      ...(isNew
        ? [
            { code: EXTENSION.versions, body: vector(1, uint16(0x0304)) },
            { code: EXTENSION.keyShare, body: vector(2) },
          ]
        : []),
    ],
  };
}

const CURVES = ['secp256r1', 'secp384r1'];
