/** Bytes decoded from a source, with the stretch of the source that each came from. Without maps: the source itself. */
export interface View {
  readonly bytes: Buffer;
  readonly starts: Uint32Array | undefined;
  readonly ends: Uint32Array | undefined;
}

/** What stands at `at` for something else: the bytes meant and the length of the escape; undefined: no escape. */
type ReadEscape = (bytes: Buffer, at: number) => { readonly meant: Buffer; readonly length: number } | undefined;

const BACKSLASH = 0x5c;

/** JSON, C, Python and shells: `\n`, `\xhh`, `\uhhhh`, and a backslash before any other character. */
export function decodeBackslashes(view: View): View {
  return decode(view, BACKSLASH, (bytes, at) => {
    const kind = bytes[at + 1];
    if (kind === undefined) return undefined;
    const letter = String.fromCharCode(kind);
    if (letter === 'u') return readUnicode(bytes, at);
    if (letter === 'x') return readHex(bytes, at, 2);
    const control = CONTROLS.get(letter);
    return { meant: Buffer.from([control ?? kind]), length: 2 };
  });
}

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['b', 0x08],
  ['f', 0x0c],
  ['0', 0x00],
]);

/** RFC 3986 section 2.1. */
export function decodePercent(view: View): View {
  return decode(view, 0x25, (bytes, at) => readHex(bytes, at, 1));
}

/** RFC 2045 section 6.7, soft line breaks included. */
export function decodeQuotedPrintable(view: View): View {
  return decode(view, 0x3d, (bytes, at) => {
    const lineEnd = bytes[at + 1] === 0x0a ? 2 : bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a ? 3 : 0;
    return lineEnd > 0 ? { meant: Buffer.alloc(0), length: lineEnd } : readHex(bytes, at, 1);
  });
}

/** Numeric references, and the names that every encoder uses. */
export function decodeHtml(view: View): View {
  return decode(view, 0x26, (bytes, at) => {
    const text = bytes.toString('latin1', at, at + 12);
    const [whole, named, decimal, hex] =
      /^&(?:(quot|amp|apos|lt|gt)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));/.exec(text) ?? [];
    if (whole === undefined) return undefined;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const meant = named === undefined ? (code <= 0x10ffff ? String.fromCodePoint(code) : '') : NAMED[named];
    return { meant: Buffer.from(meant ?? ''), length: whole.length };
  });
}

const NAMED: Readonly<Record<string, string>> = { quot: '"', amp: '&', apos: "'", lt: '<', gt: '>' };

/** The same bytes without some characters; `lowerCase`: for hexadecimal. */
export function withoutBytes(view: View, dropped: string, lowerCase = false): View {
  const isDropped = new Uint8Array(256);
  for (const byte of Buffer.from(dropped)) isDropped[byte] = 1;
  const writer = openWriter(view.bytes.length);
  for (let at = 0; at < view.bytes.length; at += 1) {
    const byte = view.bytes[at] ?? 0;
    if (isDropped[byte] === 1) continue;
    const isUpper = lowerCase && byte >= 0x41 && byte <= 0x46;
    writer.put(isUpper ? byte + 0x20 : byte, sourceStart(view, at), sourceEnd(view, at));
  }
  return writer.view();
}

/** Gives the view itself back where there is nothing to decode. */
function decode(view: View, marker: number, readEscape: ReadEscape): View {
  const { bytes } = view;
  if (!bytes.includes(marker)) return view;
  const writer = openWriter(bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const escape = bytes[at] === marker ? readEscape(bytes, at) : undefined;
    const length = escape?.length ?? 1;
    const [start, end] = [sourceStart(view, at), sourceEnd(view, at + length - 1)];
    if (escape === undefined) writer.put(bytes[at] ?? 0, start, end);
    else for (const byte of escape.meant) writer.put(byte, start, end);
    at += length;
  }
  return writer.view();
}

/** A decoded text is never longer than its source. */
function openWriter(capacity: number) {
  const bytes = Buffer.alloc(capacity);
  const starts = new Uint32Array(capacity);
  const ends = new Uint32Array(capacity);
  let length = 0;
  return {
    put(byte: number, start: number, end: number): void {
      bytes[length] = byte;
      starts[length] = start;
      ends[length] = end;
      length += 1;
    },
    view: (): View => ({ bytes: bytes.subarray(0, length), starts, ends }),
  };
}

function readHex(bytes: Buffer, at: number, prefix: 1 | 2): { meant: Buffer; length: number } | undefined {
  const meant = Buffer.from(bytes.toString('latin1', at + prefix, at + prefix + 2), 'hex');
  return meant.length === 1 ? { meant, length: prefix + 2 } : undefined;
}

/** `\uhhhh`, and a pair of them for one character (RFC 8259 section 7). */
function readUnicode(bytes: Buffer, at: number): { meant: Buffer; length: number } | undefined {
  const text = bytes.toString('latin1', at, at + 12);
  const escape = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|^\\u[0-9a-fA-F]{4}/.exec(text)?.[0];
  if (escape === undefined) return undefined;
  const units = escape.split('\\u').slice(1);
  return {
    meant: Buffer.from(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))),
    length: escape.length,
  };
}

function sourceStart({ starts }: View, at: number): number {
  return starts?.[at] ?? at;
}

function sourceEnd({ ends }: View, at: number): number {
  return ends?.[at] ?? at + 1;
}
