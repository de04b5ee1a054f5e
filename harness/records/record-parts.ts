import type * as z from 'zod';
import { Record } from '../vocabulary/record.ts';

export type RecordHead = Omit<Record, 'evidence'>;

/**
 * Reads a record of which the evidence was left out. A device and its setting stand in hundreds of records alike: each
 * is parsed and checked once, and is one object for all. That is a third of the time of a run of 100,000 records.
 *
 * @param before What stands before the evidence in the line.
 * @param behind What stands behind it.
 * @throws SyntaxError, ZodError
 */
export function parseParts(before: string, behind: string): RecordHead {
  const device = findPart(before, DEVICE);
  const question = findPart(before, QUESTION);
  if (device === null || question === null || question.from < device.to) return Head.parse(JSON.parse(before + behind));
  const rest = before.slice(0, device.from) + before.slice(device.to, question.from) + before.slice(question.to);
  return { ...Rest.parse(JSON.parse(rest + behind)), ...device.value(), ...question.value() };
}

const Head = Record.omit({ evidence: true });
const Device = Record.pick({ device: true });
const Question = Record.pick({ setting: true, asConfigured: true, endpoint: true });
/** Strict: a key that stands in the line twice is refused here. */
const Rest = Head.omit({ device: true, setting: true, asConfigured: true, endpoint: true });

interface Part<T extends object> {
  /** Its first key, and the one behind its last. Quotes inside of strings are escaped, so these are keys. */
  readonly first: string;
  readonly next: string;
  readonly schema: z.ZodType<T>;
  readonly known: Map<string, T>;
}

const DEVICE: Part<z.infer<typeof Device>> = {
  first: ',"device":{',
  next: ',"scenario":"',
  schema: Device,
  known: new Map(),
};
const QUESTION: Part<z.infer<typeof Question>> = {
  first: ',"setting":{',
  next: ',"mode":"',
  schema: Question,
  known: new Map(),
};

/** Of more devices than any list has. */
const MAX_KNOWN = 10_000;

interface Found<T> {
  readonly from: number;
  readonly to: number;
  value(): T;
}

function findPart<T extends object>(text: string, part: Part<T>): Found<T> | null {
  const from = text.indexOf(part.first);
  const to = from < 0 ? -1 : text.indexOf(part.next, from);
  if (to < 0) return null;
  return { from, to, value: () => parseOnce(text.slice(from + 1, to), part) };
}

function parseOnce<T extends object>(fields: string, { schema, known }: Part<T>): T {
  const same = known.get(fields);
  if (same !== undefined) return same;
  const value = schema.parse(JSON.parse(`{${fields}}`));
  if (known.size >= MAX_KNOWN) known.clear();
  // A copy: a slice would hold the whole line.
  known.set(Buffer.from(fields).toString(), value);
  return value;
}
