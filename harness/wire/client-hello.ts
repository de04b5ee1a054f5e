import type { ClientHello } from '../vocabulary/evidence.ts';
import { extensionName, groupName, isGrease, signatureName, suiteName, versionOf } from '../vocabulary/iana.ts';
import { compareVersions, type TlsVersion } from '../vocabulary/mode.ts';
import { renderJa3, renderJa3Hash, renderJa4 } from './fingerprints.ts';
import { alpnNames, codesIn, printable, type RawHello, readExtension } from './raw-hello.ts';

const FALLBACK_SCSV = 0x5600;

/** The facts of a hello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2). `recordVersion`: null for SSLv2 format. */
export function describeHello(raw: RawHello, recordVersion: number | null): ClientHello {
  const named = (codes: readonly number[], name: (code: number) => string) =>
    codes.filter((c) => !isGrease(c)).map(name);
  const helloVersion = nearestVersion(raw.version);
  const offered = supportedVersions(raw);
  // RFC 8446 section 4.2.1: without supported_versions a server negotiates TLS 1.2 at most, whatever the field says.
  const maxVersion = offered?.toSorted(compareVersions).at(-1) ?? (helloVersion === '1.3' ? '1.2' : helloVersion);
  const codes = { groups: codesIn(raw, 10, 2), signatures: codesIn(raw, 13, 2) };
  return {
    format: raw.format,
    recordVersion: recordVersion === null ? null : (versionOf(recordVersion) ?? null),
    helloVersion,
    maxVersion,
    versions: offered ?? [maxVersion],
    suites: named(raw.suites, suiteName),
    groups: codes.groups === null ? null : named(codes.groups, groupName),
    signatures: codes.signatures === null ? null : named(codes.signatures, signatureName),
    sni: serverName(raw),
    alpn: alpnNames(raw),
    extensions: named(
      raw.extensions.map((e) => e.code),
      extensionName,
    ),
    fallbackScsv: raw.suites.includes(FALLBACK_SCSV),
    ja3: renderJa3(raw),
    ja3Hash: renderJa3Hash(raw),
    ja4: renderJa4(raw),
    lengthBytes: raw.lengthBytes,
  };
}

function supportedVersions(raw: RawHello): TlsVersion[] | null {
  const codes = codesIn(raw, 43, 1);
  const known = (codes ?? []).flatMap((code) => versionOf(code) ?? []);
  return known.length === 0 ? null : known;
}

function serverName(raw: RawHello): string | null {
  return readExtension(raw, 0, (reader) => {
    const list = reader.vector(2);
    while (list.left > 0) {
      const type = list.uint(1);
      const name = list.vector(2).rest();
      if (type === 0) return printable(name);
    }
    return null;
  });
}

/** Versions that were never published count as the nearest one below, as servers treat them. */
function nearestVersion(code: number): TlsVersion {
  return versionOf(code) ?? (code > 0x0304 ? '1.3' : code < 0x0300 ? 'SSLv2' : '1.2');
}
