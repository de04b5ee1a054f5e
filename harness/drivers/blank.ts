/* oxlint-disable no-control-regex -- secrets are looked for between the control characters of consoles */
/** A stretch of a text, `to` excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Secrets as they stand on consoles: also wrapped over lines, or with control sequences in between. */
export interface Blanks {
  add(secret: string): void;
  find(text: string): Span[];
  /** Where an unfinished secret begins at the end of the text (its length: nowhere), spans left out. */
  openTail(text: string, spans: readonly Span[]): number;
}

/** Blanks for literal secrets; other encodings are the redactor's. */
export function createBlanks(secrets: readonly string[]): Blanks {
  const known = new Set<string>();
  const add = (secret: string): void => {
    const bare = bareText(secret).text;
    if (bare !== '') known.add(bare);
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    find: (text) => {
      if (known.size === 0) return [];
      const bare = bareText(text);
      const spans: Span[] = [];
      for (const secret of known) {
        for (let at = bare.text.indexOf(secret); at >= 0; at = bare.text.indexOf(secret, at + 1)) {
          const from = bare.places[at] ?? 0;
          spans.push({ from, to: (bare.places[at + secret.length - 1] ?? 0) + 1 });
        }
      }
      return spans;
    },
    openTail: (text, spans) => {
      if (known.size === 0) return text.length;
      const bare = bareText(text);
      const after = Math.max(0, ...spans.map((span) => span.to));
      let open = text.length;
      for (const secret of known) {
        for (let length = Math.min(secret.length - 1, bare.text.length); length > 0; length -= 1) {
          const from = bare.places[bare.text.length - length] ?? text.length;
          if (from < after || from >= open || !bare.text.endsWith(secret.slice(0, length))) continue;
          open = from;
          break;
        }
      }
      return open;
    },
  };
}

/** Cuts spans out of pieces of one text (the first piece that a span touches shows it), and all from `end` on. */
export function blankSpans(
  pieces: readonly string[],
  spans: readonly Span[],
  end: number,
): { readonly texts: readonly string[]; readonly held: readonly string[] } {
  const merged = mergeSpans(spans);
  const texts: string[] = [];
  const held: string[] = [];
  let start = 0;
  for (const piece of pieces) {
    const stop = start + piece.length;
    const shownTo = Math.max(start, Math.min(stop, end));
    let text = '';
    let at = start;
    for (const span of merged) {
      if (span.to <= at || span.from >= shownTo) continue;
      if (span.from >= start) text += `${piece.slice(at - start, span.from - start)}${BLANK}`;
      at = Math.min(span.to, shownTo);
    }
    texts.push(text + piece.slice(at - start, shownTo - start));
    held.push(piece.slice(shownTo - start));
    start = stop;
  }
  return { texts, held };
}

const BLANK = '***';

function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from < last.to) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    } else merged.push(span);
  }
  return merged;
}

/**
 * The text without control sequences, white space and control characters, and where each character stood: an echoed
 * secret that a terminal wrapped at its 80th column, or coloured, is still found.
 */
function bareText(text: string): { readonly text: string; readonly places: readonly number[] } {
  let bare = '';
  const places: number[] = [];
  let at = 0;
  const keep = (to: number): void => {
    for (; at < to; at += 1) {
      bare += text.charAt(at);
      places.push(at);
    }
  };
  for (const skip of text.matchAll(NOT_BARE)) {
    keep(skip.index);
    at = skip.index + skip[0].length;
  }
  keep(text.length);
  return { text: bare, places };
}

/** CSI and two-character escape sequences (ECMA-48 section 5.4), then everything up to the space. */
const NOT_BARE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-Z\\^-~]|[\0- \x7f-\x9f]/g;
