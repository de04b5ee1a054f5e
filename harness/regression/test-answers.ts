import { Evidence } from '../vocabulary/evidence.ts';
import { type Answer, type Context, keyOf, type State } from './state.ts';

/** A context for tests: strict on embedded servers, with some of its keys as given. */
export function contextWith(strict: object = {}, more: Partial<Context> = {}): Context {
  return {
    engine: 'embedded',
    harness: { cutover: '1', node: 'v24', openssl: '3.5' },
    modes: { strict: { ...POLICY, ...strict } },
    servers: { strict: { suites: [] } },
    ...more,
  };
}

const POLICY = {
  tls: { min: '1.2', max: '1.3' },
  suites: ['A', 'B'],
  groups: ['x25519'],
  signatures: ['rsa_pss_rsae_sha256'],
  plaintext: 'refused',
  auth: ['PLAIN'],
  certificate: { minted: 'rsa-2048', names: [] },
};

const CONTEXT = contextWith();

/** An answer for tests: `dev` sends as configured in strict, and it works, unless said otherwise. */
export function answerOf(part: Partial<Answer> = {}): Answer {
  const { found = { outcome: 'works' } } = part;
  const question = {
    device: 'dev',
    firmware: '1',
    installed: true,
    scenario: 'submit',
    setting: 'starttls-587',
    mode: 'strict',
    engine: 'embedded' as const,
    ...part,
  };
  return {
    direction: 'send',
    asConfigured: true,
    found,
    answers: [found],
    context: CONTEXT,
    facts: {
      kind: 'camera',
      common: { trust: 'none' },
      settings: { 'starttls-587': { protocol: 'smtp', port: 587, security: 'starttls' } },
      firmware: { '1': {} },
    },
    ...question,
    key: keyOf(question),
  };
}

export function stateOf(answers: readonly Answer[], more: Partial<State> = {}): State {
  return {
    name: 'state',
    at: '2026-01-01T00:00:00.000Z',
    answers: new Map(answers.map((a) => [a.key, a])),
    spared: new Map(),
    ...more,
  };
}

/** What the wire shows of a device that offers this: one connection, refused unless `finished`. */
export function seen(
  hello: { readonly suites?: readonly string[]; readonly maxVersion?: '1.0' | '1.2' } | null,
  finished = false,
): () => Evidence {
  const connection = {
    number: 1,
    startedAt: '',
    tapPort: 1,
    late: false,
    dialogue: [{ from: 'client', text: 'EHLO dev', atMs: 0 }],
    starttls: hello === null ? 'not-asked' : 'accepted',
    helloBeforeStarttls: false,
    hello:
      hello === null
        ? null
        : {
            format: 'tls',
            recordVersion: '1.0',
            helloVersion: '1.2',
            maxVersion: '1.2',
            versions: ['1.2'],
            suites: ['A'],
            groups: ['x25519'],
            signatures: ['rsa_pss_rsae_sha256'],
            sni: null,
            alpn: [],
            extensions: [],
            fallbackScsv: false,
            ja3: null,
            ja3Hash: null,
            ja4: null,
            lengthBytes: 100,
            ...hello,
          },
    serverHello: finished
      ? { version: '1.2', suite: 'A', group: null, signature: null, dhBits: null, retried: false }
      : null,
    certificate: null,
    alerts: [],
    handshake: finished ? 'finished' : 'started',
    applicationBytes: { client: 0, server: 0 },
    bytes: { client: 0, server: 0 },
    ended: { by: 'server', how: 'fin', atMs: 1 },
    oddities: [],
  };
  const unspoken = { versions: [], suites: [], groups: [], signatures: [] };
  const evidence = Evidence.parse({
    wire: { connections: [connection] },
    server: { sessions: [], arrived: 0, unspoken, trouble: null },
    device: { said: 'failed', text: '', exitCode: null, trouble: null },
  });
  return () => evidence;
}
