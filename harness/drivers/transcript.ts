import { blankSpans, createBlanks, type Blanks } from './blank.ts';
import { createScreen } from './screen.ts';
import type { Transcript } from './session.ts';
import { createQueryFilter } from './terminal-queries.ts';

/** What the transcript needs of a redactor: the same text without secrets. */
export interface TextRedactor {
  text(text: string): string;
}

export interface RecorderOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly secrets?: readonly string[];
  readonly redactor?: TextRedactor;
}

/** Keeps what went over a console, and gives it out in takes. */
export interface Recorder {
  output(bytes: Uint8Array): void;
  input(text: string): void;
  /** Blanked from now on, in what is still kept too. */
  addSecret(secret: string): void;
  /** The console has ended: the next take holds nothing back. */
  ended(): void;
  /** Any text without the secrets, for messages. */
  blank(text: string): string;
  take(): Promise<Transcript>;
}

interface Event {
  readonly atMs: number;
  readonly kind: 'i' | 'o';
  readonly text: string;
}

/** Characters kept of one take; a device that prints more is cut off with a note. */
const MAX_KEPT = 128 * 1024;
/** Beyond, what follows is put into the last one. */
const MAX_EVENTS = 10_000;

/** Recorder of a console of `cols` × `rows` characters (80 × 24 unless told). */
export function createRecorder(options: RecorderOptions): Recorder {
  const { cols = 80, rows = 24 } = options;
  const blanks = createBlanks(options.secrets ?? []);
  const screen = createScreen(cols, rows);
  const decoder = new TextDecoder();
  const queries = createQueryFilter();
  let events: Event[] = [];
  let kept = 0;
  let omitted = 0;
  let startedAt = Date.now();
  let begin = performance.now();
  let ended = false;

  const keep = (kind: Event['kind'], text: string): void => {
    const room = text.slice(0, Math.max(0, MAX_KEPT - kept));
    kept += room.length;
    omitted += text.length - room.length;
    const last = events.at(-1);
    // One byte an event, 1 MiB of them would take 100 MB.
    if (events.length >= MAX_EVENTS && last?.kind === kind) {
      events[events.length - 1] = { ...last, text: last.text + room };
    } else if (room !== '') events.push({ atMs: performance.now() - begin, kind, text: room });
  };

  return {
    output: (bytes) => keep('o', queries.push(decoder.decode(bytes, { stream: true }))),
    input: (text) => keep('i', text),
    addSecret: (secret) => blanks.add(secret),
    ended: () => {
      keep('o', queries.end());
      ended = true;
    },
    blank: (text) => redactTexts([text], blanks, options.redactor, 'ended').texts.join(''),
    take: async () => {
      const end = omitted > 0 ? 'cut' : ended ? 'ended' : 'goes-on';
      const { shown, held } = redactEvents(events, blanks, options.redactor, end);
      if (omitted > 0) shown.push({ atMs: performance.now() - begin, kind: 'o', text: renderOmission(omitted) });
      const cast = renderCast(shown, cols, rows, startedAt);
      events = held.map((event) => ({ ...event, atMs: 0 }));
      kept = held.reduce((sum, event) => sum + event.text.length, 0);
      omitted = 0;
      startedAt = Date.now();
      begin = performance.now();
      const texts = shown.flatMap((event) => (event.kind === 'o' ? event.text : []));
      return { cast, screen: await screen.show(texts) };
    },
  };
}

/** Format: docs.asciinema.org/manual/asciicast/v2 (a header line, then `[seconds, "o" or "i", text]` a line). */
function renderCast(events: readonly Event[], width: number, height: number, startedAt: number): string {
  const header = { version: 2, width, height, timestamp: Math.floor(startedAt / 1000) };
  const lines = events.map((event) => JSON.stringify([Math.round(event.atMs) / 1000, event.kind, event.text]));
  return [JSON.stringify(header), ...lines, ''].join('\n');
}

function renderOmission(omitted: number): string {
  return `\r\n[output omitted: ${omitted} characters]\r\n`;
}

interface Redaction {
  readonly shown: Event[];
  /** Could be the beginning of a secret: kept for the next take. */
  readonly held: Event[];
}

/** Input and output are two texts, however they alternate: a secret is looked for in each as a whole. */
function redactEvents(
  events: readonly Event[],
  blanks: Blanks,
  redactor: TextRedactor | undefined,
  end: End,
): Redaction {
  const shown: Event[] = [...events];
  const held: Event[] = [];
  for (const kind of ['i', 'o'] as const) {
    const places = events.flatMap((event, index) => (event.kind === kind ? [index] : []));
    const texts = places.map((index) => events[index]?.text ?? '');
    const redacted = redactTexts(texts, blanks, redactor, end);
    for (const [at, index] of places.entries()) {
      const event = events[index];
      if (event === undefined) continue;
      shown[index] = { ...event, text: redacted.texts[at] ?? '' };
      const rest = redacted.held[at] ?? '';
      if (rest !== '') held.push({ ...event, text: rest });
    }
  }
  return { shown: shown.filter((event) => event.text !== ''), held };
}

function redactTexts(
  texts: readonly string[],
  blanks: Blanks,
  redactor: TextRedactor | undefined,
  end: End,
): { readonly texts: readonly string[]; readonly held: readonly string[] } {
  const joined = texts.join('');
  const spans = blanks.find(joined);
  const open = blanks.openTail(joined, spans);
  // What broke off in the middle of a secret is blanked like the secret.
  if (joined.length - open >= SHORTEST_BROKEN_SECRET[end]) spans.push({ from: open, to: joined.length });
  const cut = blankSpans(texts, spans, end === 'goes-on' ? open : joined.length);
  return { texts: redactor === undefined ? cut.texts : redactAcross(cut.texts, redactor), held: cut.held };
}

/** Whether more may follow, the console ended, or the recorder itself cut the text off. */
type End = 'goes-on' | 'ended' | 'cut';
/** At a console's end a common beginning (one letter) is more likely something else. */
const SHORTEST_BROKEN_SECRET = { 'goes-on': Number.POSITIVE_INFINITY, ended: 4, cut: 1 } as const;

/** Merges neighbours into one event wherever the redactor sees something that spans them. */
function redactAcross(texts: readonly string[], redactor: TextRedactor): readonly string[] {
  const joined = texts.join('');
  if (redactor.text(joined) === joined) return texts;
  const out: string[] = [];
  let open = '';
  let end = 0;
  for (const text of texts) {
    open += text;
    end += text.length;
    const left = open.slice(-LOOK_ACROSS);
    const right = joined.slice(end, end + LOOK_ACROSS);
    const spanned = right !== '' && redactor.text(left + right) !== redactor.text(left) + redactor.text(right);
    out.push(spanned ? '' : redactor.text(open));
    if (!spanned) open = '';
  }
  return out;
}

/** Characters of the longest form of a secret: a 128-character password in UTF-16, hex and JSON-escaped fits. */
const LOOK_ACROSS = 2048;
