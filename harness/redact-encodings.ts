/**
 * A regular expression for each way in which a secret may be written, for texts whose characters are bytes (Latin-1).
 * Everything a match covers is to be blanked. Secrets of fewer than MIN_SECRET characters are not looked for: blanking
 * every "1" would hide the evidence and protect nothing.
 */
export function spellings(secret: string): readonly RegExp[] {
  if (secret.length < MIN_SECRET) return [];
  const utf8 = Buffer.from(secret, 'utf8');
  const utf16le = Buffer.from(secret, 'utf16le');
  const utf16be = Buffer.from(utf16le).swap16();
  const sources = [
    escaped(utf8, secret),
    ...[utf8, utf16le, utf16be].flatMap((bytes) => [hexadecimal(bytes), ...base64(bytes)]),
    ...[utf16le, utf16be].map((bytes) => [...bytes].map(literal).join('')),
  ];
  const latin1 = Buffer.from(secret, 'latin1');
  // Old devices send umlauts in Latin-1.
  if (/^[\x20-\xff]*$/.test(secret) && !latin1.equals(utf8)) {
    sources.push(escaped(latin1, ''), hexadecimal(latin1), ...base64(latin1));
  }
  return sources.filter((source) => source !== '').map((source) => new RegExp(source, 'g'));
}

export const MIN_SECRET = 3;
/** A piece of base64 shorter than this is met by chance in any certificate. */
const MIN_BASE64 = 5;

/** A line break inside an encoded text: MIME folding, soft breaks of quoted-printable, and both escaped in JSON. */
const BREAK = '(?:=?\\r?\\n[ \\t]?|=?(?:\\\\r)?\\\\n)?';

/** Raw, percent-encoded, quoted-printable, or escaped for JSON, C, HTML and shells: each byte in any of these ways. */
function escaped(bytes: Buffer, text: string): string {
  // Code units of characters beyond ASCII, which JSON may write as \uNNNN.
  if (text !== '' && bytes.length !== text.length) {
    const units = Array.from(text, (character) => {
      const raw = [...Buffer.from(character, 'utf8')].map(byteSpellings).join('');
      const codes = character
        .split('')
        .map((unit) => `\\\\u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`);
      return `(?:${raw}|${codes.join('')}|&#${character.codePointAt(0) ?? 0};)`;
    });
    return units.join(BREAK);
  }
  return [...bytes].map(byteSpellings).join(BREAK);
}

function byteSpellings(byte: number): string {
  const hex = anyCase(byte.toString(16).padStart(2, '0'));
  const named = { 0x22: '&quot;', 0x26: '&amp;', 0x27: '&apos;', 0x3c: '&lt;', 0x3e: '&gt;' }[byte];
  const ways = [
    `\\\\{0,3}${literal(byte)}`,
    `(?:%|=|\\\\\\\\?x|\\\\\\\\?u00)${hex}`,
    `&#(?:0*${byte}|[xX]0*${hex});`,
    ...(named === undefined ? [] : [named]),
    ...(byte === 0x20 ? ['\\+'] : []),
  ];
  return `(?:${ways.join('|')})`;
}

function hexadecimal(bytes: Buffer): string {
  return [...bytes].map((byte) => anyCase(byte.toString(16).padStart(2, '0'))).join('(?:[:\\s-]|0x|\\\\x)?');
}

/**
 * Base64 at each of the three alignments, without the characters that also depend on the bytes around the secret;
 * those neighbours are matched as well, since they carry some bits of it.
 */
function base64(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const isWhole = (shift + bytes.length) % 3 === 0;
    const core = encoded.slice([0, 2, 3][shift], isWhole ? undefined : -1);
    if (core.length < MIN_BASE64) return '';
    const neighbour = `(?:${BASE64_CHARACTER}${BREAK})?`;
    const before = shift === 0 ? '' : neighbour;
    const after = isWhole ? '' : `(?:${BREAK}${BASE64_CHARACTER}|${BREAK}=)?`;
    return `${before}${Array.from(core, base64Character).join(BREAK)}${after}`;
  });
}

const BASE64_CHARACTER = '(?:[A-Za-z0-9+/_-]|%2[bBfF]|\\\\/)';

function base64Character(character: string): string {
  if (character === '+') return '(?:[+-]|%2[bB])';
  if (character === '/') return '(?:[/_]|%2[fF]|\\\\/)';
  return character;
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function literal(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
