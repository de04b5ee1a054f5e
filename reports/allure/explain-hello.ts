import type { ClientHello } from '../../harness/vocabulary/evidence.ts';

/** A hello as a page of text for people who do not read hexadecimal. */
export function explainHello(h: ClientHello): string {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    [
      'Format',
      [h.format === 'sslv2' ? 'SSLv2 hello: a very old client, or a very old setting of a newer one' : 'TLS record'],
    ],
    ['Highest version', [h.maxVersion]],
    ['Versions offered', h.versions],
    ['Record version', [h.recordVersion ?? 'none']],
    ['Cipher suites, most wanted first', h.suites],
    ['Key exchange groups', h.groups ?? ['extension absent: no elliptic curves']],
    [
      'Signature schemes',
      h.signatures ?? ['extension absent: a TLS 1.2 server has to assume SHA-1 (RFC 5246 section 7.4.1.4.1)'],
    ],
    ['Server name (SNI)', [h.sni ?? 'none: the server cannot know which name was meant']],
    ['ALPN', h.alpn.length === 0 ? ['none'] : h.alpn],
    ['Extensions', h.extensions.length === 0 ? ['none'] : h.extensions],
    ...(h.fallbackScsv
      ? [['Fallback', ['TLS_FALLBACK_SCSV: a second try with a lower version (RFC 7507)']] as const]
      : []),
    ['JA3', [h.ja3 ?? 'not defined for this format', h.ja3Hash ?? '']],
    ['JA4', [h.ja4 ?? 'not defined for this format']],
    ['Length', [`${h.lengthBytes} bytes`]],
  ];
  return lines.map(([title, values]) => `${title}\n${values.map((v) => `  ${v}`).join('\n')}\n`).join('\n');
}
