import { describeRecorded, type RecordedExtension, type RecordedHello } from '../corpus/recorded-hello.ts';
import { EXTENSION, findExtension, listedCodes } from '../corpus/read-extension.ts';
import type { ServerRules } from '../predict/server-rules.ts';
import { groupByName, signatureByName, suiteByName } from '../vocabulary/iana.ts';
import { compareVersions } from '../vocabulary/mode.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import { publicKey } from './key-shares.ts';

/** What can be wrong with a hello, in the order in which a cause is named. `fallback`: it calls itself one. */
export const LACKS = ['versions', 'fallback', 'suites', 'signatures', 'groups'] as const;
export type Lack = (typeof LACKS)[number];

/** The same client with everything that the server has in these respects. What it offered itself it still offers. */
export function repairHello(hello: RecordedHello, lacks: readonly Lack[], rules: ServerRules): RecordedHello {
  if (lacks.length === 0) return hello;
  return withKeyShare(lacks.reduce((one, lack) => REPAIRS[lack](one, rules), inTlsFormat(hello)));
}

/** The SSLv2 format has no place for what TLS lists; clients that use it have the other as well. */
function inTlsFormat(hello: RecordedHello): RecordedHello {
  if (hello.format === 'tls') return hello;
  const suites = hello.suites.filter((code) => code <= 0xffff);
  return { ...hello, format: 'tls', recordVersion: 0x0301, sessionBytes: 0, suites, compressions: [0] };
}

/** RFC 7507 section 7. */
const FALLBACK_SCSV = 0x5600;

const REPAIRS: Readonly<Record<Lack, (hello: RecordedHello, rules: ServerRules) => RecordedHello>> = {
  versions: repairVersions,
  // A completed hello is no fallback any more.
  fallback: (hello) => ({ ...hello, suites: hello.suites.filter((code) => code !== FALLBACK_SCSV) }),
  suites: (hello, { suites }) => ({ ...hello, suites: union(hello.suites, codesOf(suites, suiteByName)) }),
  signatures: (hello, rules) => listMore(hello, EXTENSION.signatures, codesOf(rules.signatures, signatureByName)),
  groups: (hello, rules) => listMore(hello, EXTENSION.groups, codesOf(rules.groups, groupByName)),
};

/** Where a list has what the server has, the version in front of it stays as the client has it. */
function repairVersions(hello: RecordedHello, { versions }: ServerRules): RecordedHello {
  const [oldest, newest] = [versions[0] ?? '1.2', versions.at(-1) ?? '1.2'];
  const isNew = oldest === '1.3';
  const code = isNew || compareVersions(newest, '1.2') >= 0 ? 0x0303 : newest === '1.1' ? 0x0302 : 0x0301;
  const list = findExtension(hello, EXTENSION.versions);
  const { versions: offered } = describeRecorded(hello);
  const isListed = list !== undefined && versions.some((version) => offered.includes(version));
  const own = isListed ? hello : { ...hello, version: Math.max(hello.version, code) };
  return isNew || list !== undefined ? listMore(own, EXTENSION.versions, [isNew ? 0x0304 : code]) : own;
}

function listMore(hello: RecordedHello, extension: number, codes: readonly number[]): RecordedHello {
  const all = uint16(...union(listedCodes(hello, extension), codes));
  return withExtension(hello, { code: extension, body: vector(extension === EXTENSION.versions ? 1 : 2, all) });
}

/** A hello that lists TLS 1.3 and sends no key is none: it gets an empty list, and the server asks. */
function withKeyShare(hello: RecordedHello): RecordedHello {
  const versions = findExtension(hello, EXTENSION.versions);
  const has = findExtension(hello, EXTENSION.keyShare) !== undefined;
  if (has || versions === undefined || !versions.body.includes(Buffer.from([3, 4]))) return hello;
  const known = listedCodes(hello, EXTENSION.groups).filter((g) => publicKey(g));
  const shares = known.slice(0, 1).map((g) => [uint16(g), vector(2, Buffer.alloc(publicKey(g)?.length ?? 0))]);
  return withExtension(hello, { code: EXTENSION.keyShare, body: vector(2, ...shares.flat()) });
}

function withExtension(hello: RecordedHello, extension: RecordedExtension): RecordedHello {
  const kept = (hello.extensions ?? []).filter(({ code }) => code !== extension.code);
  return { ...hello, extensions: [...kept, extension] };
}

function codesOf(names: readonly string[], find: (name: string) => { readonly code: number } | undefined): number[] {
  return names.flatMap((name) => find(name)?.code ?? []);
}

function union(some: readonly number[], others: readonly number[]): number[] {
  return [...new Set([...some, ...others])];
}
