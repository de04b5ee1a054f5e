/** How much of a mail is searched, in bytes: headers and the start of the text; attachments come after. */
export const MARKER_WINDOW_BYTES = 256 * 1024;

/**
 * The trial markers in the first bytes of a mail: as they stand, and inside base64 and quoted-printable bodies and
 * encoded words (RFC 2045, RFC 2047). Never throws; at most MARKER_LIMIT different ones, in order of appearance.
 */
export function findMarkers(head: Buffer): readonly string[] {
  const text = head.subarray(0, MARKER_WINDOW_BYTES).toString('latin1');
  const found = new Set<string>();
  for (const reading of [text, decodeEncodedWords(text), decodeQuotedPrintable(text), ...decodeBase64Blocks(text)]) {
    for (const match of reading.matchAll(MARKER)) {
      if (found.size >= MARKER_LIMIT) return [...found];
      found.add(match[0]);
    }
  }
  return [...found];
}

/** A mail carries one marker; more than a few is a device that repeats what it was sent. */
const MARKER_LIMIT = 16;
const MARKER = /cutover-[a-z0-9]{16}/g;

/** Adjacent encoded words are one text, however a device has cut it (RFC 2047 section 6.2). */
function decodeEncodedWords(text: string): string {
  return text
    .replace(/\?=\s{1,8}=\?/g, '?==?')
    .replace(/=\?[^?\s]{1,40}\?([bq])\?([^?\s]{0,998})\?=/gi, (_, kind, word) => {
      return String(kind).toLowerCase() === 'b'
        ? Buffer.from(String(word), 'base64').toString('latin1')
        : decodeQuotedPrintable(String(word).replaceAll('_', ' '));
    });
}

function decodeQuotedPrintable(text: string): string {
  return text
    .replace(/=[ \t]{0,8}\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(String(hex), 16)));
}

/** Runs of lines that are nothing but base64. A short line may end a run, so each run is decoded as a whole. */
function decodeBase64Blocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let run = '';
  for (const line of `${text}\n`.split('\n')) {
    const trimmed = line.trimEnd();
    if (/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed)) {
      run += trimmed;
      if (!trimmed.endsWith('=')) continue;
    }
    // "cutover-" and 16 characters are 32 in base64.
    if (run.length >= 32) blocks.push(Buffer.from(run, 'base64').toString('latin1'));
    run = '';
  }
  return blocks;
}
