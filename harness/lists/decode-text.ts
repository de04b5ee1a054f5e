import type { Encoding } from './table.ts';

/**
 * Bytes of a text file as text. What begins with a byte order mark is what that says; what looks like UTF-16 is that;
 * what is UTF-8 is that, with a mark from now on where it is ASCII; everything else is Windows-1252, which is how Excel in Western Europe exports "CSV".
 * Null: binary data.
 */
export function decodeText(bytes: Buffer): { readonly text: string; readonly encoding: Encoding } | null {
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding === 'utf-8-bom' ? 'utf-8' : encoding).decode(bytes);
  return text.includes('\0') ? null : { text, encoding };
}

/** The text as bytes, with the byte order mark that its encoding begins with. Signs beyond Windows-1252 are spelt out. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'windows-1252') return Buffer.from(Array.from(text).flatMap(bytesOf));
  if (encoding === 'utf-16le') return Buffer.from(`\uFEFF${text}`, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
  return Buffer.from(encoding === 'utf-8-bom' ? `\uFEFF${text}` : text);
}

function encodingOf(bytes: Buffer): Encoding {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8-bom';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // Any encoding would do. What is added to it may need more, and without a mark Excel would not read that as UTF-8.
  if (bytes.every((byte) => byte < 0x80 && byte !== 0)) return 'utf-8-bom';
  const wide = wideOf(bytes.subarray(0, SAMPLE));
  if (wide !== null) return wide;
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252';
}

/** In bytes, even. */
const SAMPLE = 1024;

/** Without a mark: most letters of a Western text have a zero byte before or after them, always on the same side. */
function wideOf(sample: Buffer): 'utf-16le' | 'utf-16be' | null {
  const zeros = (from: number) => sample.filter((byte, i) => byte === 0 && i % 2 === from).length;
  const [even, odd] = [zeros(0), zeros(1)];
  const many = sample.length / 8;
  if (odd > many && even === 0) return 'utf-16le';
  return even > many && odd === 0 ? 'utf-16be' : null;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** https://encoding.spec.whatwg.org/#windows-1252: differs from Latin-1 in these 32, some of which it leaves as they are. */
const FROM_1252: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 32 }, (_, i) => [new TextDecoder('windows-1252').decode(Uint8Array.of(0x80 + i)), 0x80 + i]),
);
const SPELT: Readonly<Record<string, string>> = { '→': '->', '←': '<-', '≥': '>=', '≤': '<=' };

function bytesOf(sign: string): readonly number[] {
  const special = FROM_1252.get(sign);
  if (special !== undefined) return [special];
  const code = sign.codePointAt(0) ?? 0;
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return [code];
  const spelt = SPELT[sign] ?? sign.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return spelt === sign || spelt === '' ? [0x3f] : Array.from(spelt).flatMap(bytesOf);
}
