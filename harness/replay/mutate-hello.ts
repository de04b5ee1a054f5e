import type { RecordedExtension, RecordedHello } from '../corpus/recorded-hello.ts';
import { EXTENSION, findExtension, listedCodes, readBody, readShares } from '../corpus/read-extension.ts';
import { GROUPS, SIGNATURES, SUITES } from '../vocabulary/iana.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import { publicKey } from './key-shares.ts';

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Well-formed hellos that nobody says, each made of one of these; the same for the same seed. */
export function mutateHellos(hellos: readonly RecordedHello[], count: number, seed: number): readonly RecordedHello[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => mutateHello(pick(hellos, random), random));
}

/** A well-formed hello that no one says: one to four things of a recorded one are changed. */
function mutateHello(hello: RecordedHello, random: () => number): RecordedHello {
  const count = 1 + Math.floor(random() * 4);
  let mutated = hello;
  for (let i = 0; i < count; i += 1) mutated = pick(MUTATIONS, random)(mutated, random);
  return mutated.format === 'sslv2' ? mutated : withFittingShares(mutated);
}

type Mutation = (hello: RecordedHello, random: () => number) => RecordedHello;

const FALLBACK_SCSV = 0x5600;

const MUTATIONS: readonly Mutation[] = [
  (hello, random) => ({ ...hello, suites: someOf(hello.suites, random) }),
  (hello, random) => ({ ...hello, suites: shuffled(hello.suites, random) }),
  (hello, random) => ({ ...hello, suites: mixed(hello.suites, suiteCodes(hello), random) }),
  (hello, random) => ({ ...hello, suites: ofOneKind(hello, random) }),
  (hello) => ({ ...hello, suites: [...hello.suites.filter((code) => code !== FALLBACK_SCSV), FALLBACK_SCSV] }),
  (hello, random) => ({ ...hello, version: pick([0x0300, 0x0301, 0x0302, 0x0303], random) }),
  listed(
    EXTENSION.groups,
    GROUPS.map(({ code }) => code),
    (codes) => vector(2, uint16(...codes)),
  ),
  listed(
    EXTENSION.signatures,
    SIGNATURES.map(({ code }) => code),
    (codes) => vector(2, uint16(...codes)),
  ),
  listed(EXTENSION.versions, [0x0301, 0x0302, 0x0303, 0x0304], (codes) => vector(1, uint16(...codes))),
  (hello, random) => without(hello, pick([EXTENSION.groups, EXTENSION.signatures, EXTENSION.versions], random)),
  (hello) => (hello.format === 'tls' ? { ...hello, extensions: null } : hello),
  // The server must ask for a second hello, or finds another key first.
  (hello, random) =>
    withShares(hello, someOf(listedCodes(hello, EXTENSION.groups), random).slice(0, Math.floor(random() * 3))),
];

/** Changes the list of an extension; adds the extension where it is missing. */
function listed(extension: number, all: readonly number[], render: (codes: readonly number[]) => Buffer): Mutation {
  return (hello, random) => {
    if (hello.format === 'sslv2') return hello;
    const now = listedCodes(hello, extension);
    const change = pick(
      [someOf, shuffled, (codes: readonly number[], r: () => number) => mixed(codes, all, r)],
      random,
    );
    return withExtension(hello, { code: extension, body: render(change(now.length === 0 ? all : now, random)) });
  };
}

/** Keys only of groups that the hello lists, in their order, as RFC 8446 section 4.2.8 asks. */
function withFittingShares(hello: RecordedHello): RecordedHello {
  const shares = findExtension(hello, EXTENSION.keyShare);
  const isNew = listedCodes(hello, EXTENSION.versions).includes(0x0304);
  if (shares === undefined) return isNew ? withShares(hello, listedCodes(hello, EXTENSION.groups).slice(0, 1)) : hello;
  const sent = readBody(shares, (reader) => readShares(reader.vector(2))) ?? [];
  return withShares(
    hello,
    sent.map(({ group }) => group),
  );
}

function withShares(hello: RecordedHello, groups: readonly number[]): RecordedHello {
  if (hello.format === 'sslv2' || !listedCodes(hello, EXTENSION.versions).includes(0x0304)) return hello;
  const known = listedCodes(hello, EXTENSION.groups).filter(
    (code) => groups.includes(code) && publicKey(code) !== null,
  );
  const shares = known.map((code) =>
    Buffer.concat([uint16(code), vector(2, Buffer.alloc(publicKey(code)?.length ?? 0))]),
  );
  return withExtension(hello, { code: EXTENSION.keyShare, body: vector(2, ...shares) });
}

function withExtension(hello: RecordedHello, extension: RecordedExtension): RecordedHello {
  const extensions = hello.extensions ?? [];
  const isThere = extensions.some(({ code }) => code === extension.code);
  const changed = isThere
    ? extensions.map((one) => (one.code === extension.code ? extension : one))
    : [...extensions, extension];
  return { ...hello, extensions: changed };
}

function without(hello: RecordedHello, extension: number): RecordedHello {
  if (hello.extensions === null) return hello;
  return { ...hello, extensions: hello.extensions.filter(({ code }) => code !== extension) };
}

function suiteCodes({ format }: RecordedHello): readonly number[] {
  return SUITES.map(({ code }) => code).filter((code) => format === 'sslv2' || code <= 0xffff);
}

/** Suites that share a key exchange, a signer or a version: what whole families of devices have alone. */
function ofOneKind(hello: RecordedHello, random: () => number): readonly number[] {
  const kinds = [
    SUITES.filter((s) => s.keyExchange === 'RSA'),
    SUITES.filter((s) => s.keyExchange === 'DHE' && s.auth === 'RSA'),
    SUITES.filter((s) => s.auth === 'ECDSA'),
    SUITES.filter((s) => s.tls13),
    SUITES.filter((s) => s.name.includes('3DES')),
  ];
  const codes = pick(kinds, random).map(({ code }) => code);
  const own = hello.suites.filter((code) => codes.includes(code));
  return own.length > 0 ? own : someOf(codes, random);
}

/** At least one of them, in their order. */
function someOf(codes: readonly number[], random: () => number): readonly number[] {
  const part = random();
  const some = codes.filter(() => random() < part);
  return some.length > 0 || codes.length === 0 ? some : [pick(codes, random)];
}

function shuffled(codes: readonly number[], random: () => number): readonly number[] {
  return codes
    .map((code) => [random(), code] as const)
    .sort(([a], [b]) => a - b)
    .map(([, code]) => code);
}

function mixed(codes: readonly number[], all: readonly number[], random: () => number): readonly number[] {
  return [...new Set(shuffled([...someOf(codes, random), ...someOf(all, random).slice(0, 6)], random))];
}

function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}
