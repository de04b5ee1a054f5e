import type { ClientHello } from '../vocabulary/evidence.ts';
import { suiteByName } from '../vocabulary/iana.ts';
import { compareVersions } from '../vocabulary/mode.ts';
import { type CorpusEntry, type Met, originKey } from './entry.ts';
import { describeRecorded } from './recorded-hello.ts';

/** Lines that say what a hello means, for people who know mail and not TLS; then who says it and what came of it. */
export function explainHello({ id, hello, seen }: CorpusEntry): readonly string[] {
  const facts = describeRecorded(hello);
  return [
    `${id}: a ${hello.format === 'sslv2' ? 'hello in the format of SSL 2.0' : 'TLS hello'}, ${facts.lengthBytes} bytes`,
    `  ${explainVersions(facts)}`,
    `  ${explainSuites(facts)}`,
    `  ${explainGroups(facts)}`,
    `  ${explainSignatures(facts)}`,
    `  ${explainName(facts)}`,
    ...(facts.fallbackScsv ? [FALLBACK] : []),
    ...(facts.alpn.length > 0 ? [`  It asks for the protocols ${facts.alpn.join(', ')} (ALPN).`] : []),
    `  JA4 ${facts.ja4 ?? 'none'}, JA3 ${facts.ja3Hash ?? 'none'}`,
    ...seen.flatMap((origin) => [
      `  Said by ${originKey(origin)} (${origin.model}${origin.emulated ? ', emulated' : ''}), recorded ${origin.on}`,
      ...origin.met.map((met) => `    ${explainMet(met)}`),
    ]),
  ];
}

const FALLBACK =
  '  It says that it has tried a newer version before and comes back with an older one (fallback SCSV, RFC 7507): ' +
  'a server that knows better refuses it.';

function explainVersions({ versions, maxVersion, extensions }: ClientHello): string {
  const named = versions.map(versionName).join(', ');
  if (extensions.includes('supported_versions')) return `It speaks ${named}.`;
  const is = compareVersions(maxVersion, '1.2') < 0 ? 'too old for servers that ask for TLS 1.2' : 'new enough';
  return `It speaks ${versionName(maxVersion)} at most (${is}); such a hello does not tell its oldest.`;
}

function explainSuites({ suites }: ClientHello): string {
  const known = suites.flatMap((name) => suiteByName(name) ?? []);
  const counts = [
    [known.filter((s) => s.tls13).length, 'for TLS 1.3'],
    [known.filter((s) => s.keyExchange === 'ECDHE').length, 'with elliptic curves and forward secrecy'],
    [known.filter((s) => s.keyExchange === 'DHE').length, 'with Diffie-Hellman and forward secrecy'],
    [known.filter((s) => s.keyExchange === 'RSA').length, 'with RSA key exchange'],
  ] as const;
  const parts = counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  const weak = suites.filter((name) => /RC4|3DES|_DES_|DES40|EXPORT|RC2|NULL|_MD5$|anon/.test(name));
  const worst = weak.length === 0 ? '' : `; ${weak.length} of them are broken or weak today (${short(weak)})`;
  return `It offers ${known.length} cipher suites: ${parts.join(', ') || 'of other kinds'}${worst}.`;
}

function explainGroups({ groups }: ClientHello): string {
  if (groups === null) return 'It names no curves or groups: servers with OpenSSL then use no elliptic curve with it.';
  const quantum = groups.filter((name) => name.includes('MLKEM'));
  const more = quantum.length === 0 ? '' : `, with ${quantum.join(', ')} against quantum computers`;
  return `Its curves and groups: ${groups.join(', ')}${more}.`;
}

function explainSignatures({ signatures, maxVersion }: ClientHello): string {
  if (compareVersions(maxVersion, '1.2') < 0) return 'Signatures are those of its version: MD5 and SHA-1 together.';
  if (signatures === null)
    return 'It names no signature algorithms, which means SHA-1 (RFC 5246 section 7.4.1.4.1): strict servers refuse that.';
  const modern = signatures.filter((name) => /sha(256|384|512)|^ed/.test(name));
  if (modern.length === 0) return `It takes only weak signatures: ${signatures.join(', ')}.`;
  return `It takes ${signatures.length} signature algorithms, ${modern.length} of them with SHA-256 or better.`;
}

function explainName({ extensions }: ClientHello): string {
  return extensions.includes('server_name')
    ? 'It says the name of the server that it calls (SNI).'
    : 'It does not say which server it calls (no SNI): a server with several names shows its default certificate.';
}

function explainMet({ mode, engine, scenario, outcome, cause, connections, clear }: Met): string {
  const result = [outcome, cause, clear === true ? 'in the clear' : undefined].filter(Boolean).join(' ');
  return `${mode} on ${engine}, ${scenario}: ${result} (connection ${connections.join(', ')})`;
}

function versionName(version: string): string {
  return version.startsWith('SSL') ? version : `TLS ${version}`;
}

function short(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
