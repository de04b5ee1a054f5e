import {
  decodeBackslashes,
  decodeHtml,
  decodePercent,
  decodeQuotedPrintable,
  type View,
  withoutBytes,
} from './redact-views.ts';

/** A stretch of bytes, as [start, end). */
export type Range = readonly [number, number];

/** One secret in the forms that are looked for. */
export interface Needles {
  readonly plain: readonly Buffer[];
  readonly hex: readonly Buffer[];
  readonly base64: readonly Base64Needle[];
  /** The same in small letters, for a first look. */
  readonly hexTexts: readonly string[];
  readonly base64Texts: readonly string[];
  /** Bytes of the shortest of all. */
  readonly shortest: number;
}

interface Base64Needle {
  readonly core: Buffer;
  /** The characters before or behind the core carry some bits of the secret too. */
  readonly before: boolean;
  readonly after: boolean;
}

/** Shorter secrets are not looked for: blanking every "1" would hide the evidence and protect nothing. */
const MIN_SECRET = 3;
/** A piece of base64 shorter than this is met by chance in any certificate. */
const MIN_BASE64 = 5;

export function needlesFor(secret: string): Needles | null {
  if (secret.length < MIN_SECRET) return null;
  const utf16le = Buffer.from(secret, 'utf16le');
  const forms = [Buffer.from(secret, 'utf8'), utf16le, Buffer.from(utf16le).swap16()];
  // Old devices send umlauts in Latin-1, and forms send a space as "+".
  if (/[\x80-\xff]/.test(secret) && !/[^\0-\xff]/.test(secret)) forms.push(Buffer.from(secret, 'latin1'));
  const asForm = secret.includes(' ') ? [Buffer.from(secret.replaceAll(' ', '+'), 'utf8')] : [];
  const plain = [...forms, ...asForm];
  const hex = forms.map((form) => Buffer.from(form.toString('hex')));
  const base64 = forms.flatMap(base64Needles);
  return {
    plain,
    hex,
    base64,
    hexTexts: hex.map(smallLetters),
    base64Texts: base64.map(({ core }) => smallLetters(core)),
    shortest: Math.min(...[...plain, ...hex, ...base64.map(({ core }) => core)].map((needle) => needle.length)),
  };
}

function smallLetters(bytes: Buffer): string {
  return bytes.toString('latin1').toLowerCase();
}

/**
 * Every place in `text` where one of the secrets stands: raw or in UTF-16, escaped (JSON, once or twice; C; percent;
 * quoted-printable; HTML), in hexadecimal or in base64 at any alignment, folded over lines or not. Each decoding
 * inverts one encoder exactly, so that no mixture of special characters in a secret slips through.
 */
export function findSecrets(text: Buffer, needles: readonly Needles[]): readonly Range[] {
  // No decoding makes a text longer. Most of what is asked about is a key or a word of a record.
  if (needles.every(({ shortest }) => text.length < shortest)) return [];
  const raw: View = { bytes: text, starts: undefined, ends: undefined };
  const once = decodeBackslashes(raw);
  const percent = decodePercent(raw);
  const views = unique([
    raw,
    once,
    decodeBackslashes(once),
    percent,
    ...[decodePercent, decodeQuotedPrintable, decodeHtml].flatMap((decode) => [decode(raw), decode(once)]),
  ]);
  // Mapping every byte back to its source is slow, and nearly every text holds no secret: look first.
  const base64 = needles.flatMap((needle) => needle.base64Texts);
  const folded = unique([raw, once, percent])
    .filter((view) => mayHold(view, /[\r\n]/g, base64))
    .map((view) => withoutBytes(view, '\r\n'));
  const hexes = needles.flatMap((needle) => needle.hexTexts);
  const hex = unique([raw, once])
    .filter((view) => mayHold(view, /[:\- \t\r\n]/g, hexes))
    .map((view) => withoutBytes(view, ':- \t\r\n', true));
  return needles.flatMap((needle) => [
    ...views.flatMap((view) => needle.plain.flatMap((bytes) => occurrences(view, bytes))),
    ...hex.flatMap((view) => needle.hex.flatMap((bytes) => occurrences(view, bytes))),
    ...folded.flatMap((view) => needle.base64.flatMap((one) => base64Occurrences(view, one))),
  ]);
}

/** Whether one of these, in any case of letters, stands in the text once some characters are dropped. */
function mayHold(view: View, dropped: RegExp, sought: readonly string[]): boolean {
  const text = smallLetters(view.bytes).replace(dropped, '');
  return sought.some((needle) => text.includes(needle));
}

/** Base64 of the secret at each of the three alignments, without the characters that also depend on what is around. */
function base64Needles(bytes: Buffer): readonly Base64Needle[] {
  const needles = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const after = (shift + bytes.length) % 3 !== 0;
    return { core: encoded.slice([0, 2, 3][shift], after ? -1 : undefined), before: shift > 0, after };
  });
  return needles
    .filter(({ core }) => core.length >= MIN_BASE64)
    .flatMap(({ core, ...ends }) =>
      // The alphabet of RFC 4648 section 5 as well.
      [...new Set([core, core.replaceAll('+', '-').replaceAll('/', '_')])].map((form) => ({
        core: Buffer.from(form),
        ...ends,
      })),
    );
}

function base64Occurrences(view: View, { core, before, after }: Base64Needle): readonly Range[] {
  const isBase64 = (at: number) => /[A-Za-z0-9+/_=-]/.test(String.fromCharCode(view.bytes[at] ?? 0));
  return indexesOf(view.bytes, core).map((at) => {
    const first = before && at > 0 && isBase64(at - 1) ? at - 1 : at;
    const last = after && isBase64(at + core.length) ? at + core.length : at + core.length - 1;
    return sourceRange(view, first, last);
  });
}

function occurrences(view: View, needle: Buffer): readonly Range[] {
  return indexesOf(view.bytes, needle).map((at) => sourceRange(view, at, at + needle.length - 1));
}

function indexesOf(bytes: Buffer, needle: Buffer): number[] {
  const found: number[] = [];
  // Overlapping ones count too: of "aaaa" in "aaaaa" nothing may be left.
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) found.push(at);
  return found;
}

function sourceRange({ starts, ends }: View, first: number, last: number): Range {
  return [starts?.[first] ?? first, ends?.[last] ?? last + 1];
}

function unique(views: readonly View[]): readonly View[] {
  return [...new Set(views)];
}
