import { createHash } from 'node:crypto';
import { isGrease } from '../vocabulary/iana.ts';
import { alpnNames, codesIn, type RawHello } from './raw-hello.ts';

/**
 * JA3: version, suites, extensions, groups and point formats as decimal numbers without GREASE.
 * null for the SSLv2 format, which JA3 does not define.
 */
export function renderJa3(raw: RawHello): string | null {
  if (raw.format === 'sslv2') return null;
  const list = (codes: readonly number[]) => codes.filter((c) => !isGrease(c)).join('-');
  const points = raw.extensions.find((e) => e.code === 11)?.body.subarray(1) ?? Buffer.alloc(0);
  return [
    String(raw.version),
    list(raw.suites),
    list(raw.extensions.map((e) => e.code)),
    list(codesIn(raw, 10, 2) ?? []),
    [...points].join('-'),
  ].join(',');
}

export function renderJa3Hash(raw: RawHello): string | null {
  const ja3 = renderJa3(raw);
  return ja3 === null ? null : createHash('md5').update(ja3).digest('hex');
}

/** JA4 of the TLS client (the part under BSD licence; of the JA4+ family nothing else is used). null for SSLv2 format. */
export function renderJa4(raw: RawHello): string | null {
  if (raw.format === 'sslv2') return null;
  const suites = raw.suites.filter((c) => !isGrease(c));
  const extensions = raw.extensions.map((e) => e.code).filter((c) => !isGrease(c));
  const head = [
    't',
    JA4_VERSIONS.get(offeredVersion(raw)) ?? '00',
    extensions.includes(0) ? 'd' : 'i',
    twoDigits(suites.length),
    twoDigits(extensions.length),
    alpnEnds(raw),
  ].join('');
  // The hash leaves out SNI and ALPN: they depend on where the client goes, not on what it is.
  const hashed = sortedHex(extensions.filter((c) => c !== 0 && c !== 16));
  const signatures = (codesIn(raw, 13, 2) ?? []).filter((c) => !isGrease(c)).map(hex);
  const tail =
    extensions.length === 0 ? '' : [hashed, ...(signatures.length > 0 ? [signatures.join(',')] : [])].join('_');
  return [head, shortHash(sortedHex(suites)), shortHash(tail)].join('_');
}

const JA4_VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
]);

function offeredVersion(raw: RawHello): number {
  const offered = (codesIn(raw, 43, 1) ?? []).filter((c) => !isGrease(c));
  return offered.length === 0 ? raw.version : Math.max(...offered);
}

function alpnEnds(raw: RawHello): string {
  const first = alpnNames(raw)[0];
  if (first === undefined || first === '') return '00';
  const ends = `${first[0] ?? ''}${first.at(-1) ?? ''}`;
  if (/^[0-9a-zA-Z]{2}$/.test(ends)) return ends;
  const asHex = Buffer.from(first, 'latin1').toString('hex');
  return `${asHex[0] ?? ''}${asHex.at(-1) ?? ''}`;
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

function sortedHex(codes: readonly number[]): string {
  return codes.map(hex).sort().join(',');
}

function shortHash(text: string): string {
  return text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
}
