import { HarnessFault } from '../faults.ts';
import { isMap } from './differing-paths.ts';

/** A line's content, and where it stands, for messages. */
export interface JsonLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Something wrong with a file that a person may have edited: where, and what to do. */
export interface Problem {
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly text: string;
}

/** Splits text into lines of one JSON object each; empty lines count for nothing. `problems` gets what is no such line. */
export function parseJsonLines(text: string, problems: Problem[]): readonly JsonLine[] {
  const lines: JsonLine[] = [];
  for (const [i, raw] of text
    .replace(/^\u{feff}/u, '')
    .split('\n')
    .entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '') continue;
    const value = parseLine(line, i + 1, problems);
    if (value !== null) lines.push({ number: i + 1, text: line, value });
  }
  return lines;
}

function parseLine(text: string, line: number, problems: Problem[]): JsonLine['value'] | null {
  if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(text)) {
    problems.push({
      line,
      column: 1,
      text: 'a merge of two versions of this file was left half done; choose the lines',
    });
    return null;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isMap(value)) return value;
    problems.push({ line, column: 1, text: 'no JSON object; each line is one, in braces' });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = /position (\d+)/.exec(message)?.[1];
    const column = position === undefined ? text.length + 1 : Number(position) + 1;
    problems.push({
      line,
      column,
      text: `no JSON: ${message.replace(/ in JSON at position.*$|, .*is not valid JSON$/s, '')}`,
    });
  }
  return null;
}

/** Where a key (and the value under it) stands in a line, from 1; the start where it is not found. */
export function columnOf(text: string, path: readonly PropertyKey[]): number {
  let from = 0;
  for (const step of path) {
    if (typeof step !== 'string') continue;
    const at = text.indexOf(JSON.stringify(step), from);
    if (at < 0) break;
    from = at;
  }
  return from + 1;
}

/** More would not be read. */
const SHOWN = 20;

/** Throws HarnessFault `baseline-invalid` with every problem, `file:line:column: what`, if there is one. */
export function refuseProblems(file: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const shown = problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, SHOWN)
    .map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`);
  const more = problems.length - shown.length;
  throw new HarnessFault('baseline-invalid', [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'), {
    stage: 'configuration',
    endpoint: file,
  });
}
