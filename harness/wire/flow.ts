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
  const run = flow.runs[firstEndingBehind(flow.runs, start, (r) => r.start + r.bytes.length)];
  if (run === undefined || start < run.start) return Buffer.alloc(0);
  return run.bytes.subarray(start - run.start);
}

/** When the byte at `offset` came: `order` is the index of its event in the capture. */
export function arrival(flow: Flow, offset: number): { readonly order: number; readonly atMs: number } {
  const at = firstEndingBehind(flow.marks, offset, (mark) => mark.end);
  return flow.marks[at] ?? flow.marks.at(-1) ?? { order: 0, atMs: 0 };
}

/** The gap that `start` lies in, or the next one behind it. */
export function nextGap(flow: Flow, start: number): Flow['gaps'][number] | undefined {
  return flow.gaps[firstEndingBehind(flow.gaps, start, (gap) => gap.start + gap.count)];
}

/** By bisection: redaction can leave a flow in thousands of pieces. */
function firstEndingBehind<T>(parts: readonly T[], offset: number, endOf: (part: T) => number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const part = parts[middle];
    if (part !== undefined && endOf(part) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
