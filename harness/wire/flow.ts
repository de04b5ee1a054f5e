import type { Side } from '../vocabulary/evidence.ts';
import type { Capture } from './capture.ts';

/** Consecutive bytes that were kept, at their place in what a side sent. */
interface Run {
  readonly start: number;
  readonly bytes: Buffer;
}

interface Gap {
  readonly start: number;
  readonly count: number;
  /** What stood there, if redaction took it out. */
  readonly note: string | undefined;
}

interface Mark {
  readonly end: number;
  readonly order: number;
  readonly atMs: number;
}

/** All that one side sent, as one sequence of bytes with gaps. Offsets count omitted bytes too. */
export interface Flow {
  readonly runs: readonly Run[];
  readonly gaps: readonly Gap[];
  readonly marks: readonly Mark[];
  readonly length: number;
}

export function joinFlow(capture: Capture, side: Side): Flow {
  const runs: Run[] = [];
  const gaps: Gap[] = [];
  const marks: Mark[] = [];
  let open: Buffer[] = [];
  let runStart = 0;
  let length = 0;
  const closeRun = () => {
    if (open.length > 0)
      runs.push({ start: runStart, bytes: open.length === 1 && open[0] ? open[0] : Buffer.concat(open) });
    open = [];
  };
  for (const [order, event] of capture.events.entries()) {
    if (event.from !== side) continue;
    if (event.kind === 'data' && event.bytes.length > 0) {
      if (open.length === 0) runStart = length;
      open.push(event.bytes);
      length += event.bytes.length;
    } else if (event.kind === 'omitted' && event.count > 0) {
      closeRun();
      gaps.push({ start: length, count: event.count, note: event.note });
      length += event.count;
    } else continue;
    marks.push({ end: length, order, atMs: event.atMs });
  }
  closeRun();
  return { runs, gaps, marks, length };
}

/** The kept bytes from `start` on, up to the next gap or the end; empty where nothing is kept. */
export function bytesFrom(flow: Flow, start: number): Buffer {
  const run = flow.runs.find((r) => start >= r.start && start < r.start + r.bytes.length);
  return run === undefined ? Buffer.alloc(0) : run.bytes.subarray(start - run.start);
}

/** When the byte at `offset` came: `order` is the index of its event in the capture. */
export function arrival(flow: Flow, offset: number): { readonly order: number; readonly atMs: number } {
  let low = 0;
  let high = flow.marks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((flow.marks[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return flow.marks[low] ?? { order: 0, atMs: 0 };
}
