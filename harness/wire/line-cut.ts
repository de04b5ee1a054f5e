/** A line without an end is cut here; RFC 5321 allows 1,000 bytes, IMAP clients send up to 64 KiB. */
export const MAX_LINE = 65_536;

/** The first line without its end, and its length with it; undefined: more of it may come. */
export function cutLine(
  bytes: Buffer,
  isLast: boolean,
): { readonly line: Buffer; readonly length: number } | undefined {
  const newline = bytes.subarray(0, MAX_LINE).indexOf(0x0a);
  if (newline < 0 && bytes.length < MAX_LINE && !isLast) return undefined;
  const length = newline < 0 ? Math.min(bytes.length, MAX_LINE) : newline + 1;
  const content = newline < 0 ? length : newline > 0 && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
  return { line: bytes.subarray(0, content), length };
}
