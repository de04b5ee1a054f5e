import type { ServerResponse } from 'node:http';
import { type AttendView, BEAT_MS, type Beat } from '../../vocabulary/attend.ts';

/** Everyone who watches the page, by server-sent events (HTML Standard section 9.2). */
export interface ViewStreams extends Disposable {
  /** Sends the newest view at once, and each later one. */
  add(response: ServerResponse, session: string): void;
  /** The view has changed. */
  changed(): void;
  readonly size: number;
}

/** Changes that follow each other within this long are sent as one. In ms; a person does not see the difference. */
const GATHER_MS = 30;
/** A network that takes nothing for this long is given up; the page connects again. */
const STALLED_MS = 20_000;
const MAX_STREAMS = 100;
/** Of one tablet: connections that it has lost are known to be so only later. */
const MAX_PER_SESSION = 6;

interface Stream {
  readonly response: ServerResponse;
  readonly session: string;
  /** Bytes are still on their way since then; the newest view follows them. */
  waitsSince: number | null;
  isBehind: boolean;
}

/** A slow network holds one view at most and never the others: what it misses is not sent later. */
export function openViewStreams(view: () => AttendView): ViewStreams {
  const streams: Stream[] = [];
  let gathering: ReturnType<typeof setTimeout> | null = null;

  const drop = (stream: Stream): void => {
    const at = streams.indexOf(stream);
    if (at >= 0) streams.splice(at, 1);
    stream.response.destroy();
  };
  const write = (stream: Stream, text: string): void => {
    if (stream.waitsSince !== null) {
      stream.isBehind = true;
      return;
    }
    if (!stream.response.write(text)) stream.waitsSince = performance.now();
  };
  let flushedAt = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (gathering !== null) clearTimeout(gathering);
    gathering = null;
    flushedAt = performance.now();
    if (streams.length === 0) return;
    const text = renderView(view());
    for (const stream of streams) write(stream, text);
  };
  const beat = setInterval(() => {
    const { now, version } = view();
    const text = renderEvent('beat', { now, version } satisfies Beat);
    for (const stream of streams) {
      if (stream.waitsSince === null) write(stream, text);
      else if (performance.now() - stream.waitsSince > STALLED_MS) drop(stream);
    }
  }, BEAT_MS);

  return {
    add(response, session) {
      const own = streams.filter((s) => s.session === session);
      const oldest = own.length >= MAX_PER_SESSION ? own[0] : streams.length >= MAX_STREAMS ? streams[0] : undefined;
      if (oldest !== undefined) drop(oldest);
      const stream: Stream = { response, session, waitsSince: null, isBehind: false };
      streams.push(stream);
      response.on('error', () => drop(stream));
      response.on('close', () => drop(stream));
      response.on('drain', () => {
        stream.waitsSince = null;
        if (stream.isBehind) write(stream, renderView(view()));
        stream.isBehind = false;
      });
      write(stream, renderView(view()));
    },
    changed() {
      // At once where it can be: while forty devices connect, a timer comes 300 ms late (measured).
      if (performance.now() - flushedAt >= GATHER_MS) flush();
      else gathering ??= setTimeout(flush, GATHER_MS);
    },
    get size() {
      return streams.length;
    },
    [Symbol.dispose]() {
      clearInterval(beat);
      if (gathering !== null) flush();
      for (const { response } of streams) response.end();
    },
  };
}

function renderView(view: AttendView): string {
  return `id: ${view.version}\n${renderEvent('view', view)}`;
}

/** JSON has no line ends of its own, so one data line holds it. */
function renderEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
