import { isDeepStrictEqual } from 'node:util';

/** A key that is not the same on both sides; the value of a side that lacks it is undefined. */
export interface DifferingPath {
  /** Keys joined by dots. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** The innermost keys at which two values differ. Lists are compared as a whole. */
export function differingPaths(from: unknown, to: unknown, path: readonly string[] = []): readonly DifferingPath[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (!isMap(from) || !isMap(to)) return [{ path: path.join('.'), from, to }];
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) =>
    differingPaths(from[key], to[key], [...path, key]),
  );
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
