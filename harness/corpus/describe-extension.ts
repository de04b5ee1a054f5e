import { groupName, isGrease, signatureName, versionOf } from '../vocabulary/iana.ts';
import { printable } from '../wire/raw-hello.ts';
import { CutShort, Reader } from '../wire/reader.ts';
import type { RecordedExtension } from './recorded-hello.ts';

/** What an extension lists, by name; null: nothing that has names, or it cannot be read. */
export function listedIn({ code, body }: RecordedExtension): string | null {
  try {
    return LISTS[code]?.(new Reader(body)).join(', ') ?? null;
  } catch (error) {
    if (error instanceof CutShort) return null;
    throw error;
  }
}

const LISTS: Readonly<Record<number, (reader: Reader) => readonly string[]>> = {
  10: (reader) => named(reader.vector(2).uints(2), groupName),
  13: (reader) => named(reader.vector(2).uints(2), signatureName),
  16: (reader) => names(reader.vector(2)),
  43: (reader) => named(reader.vector(1).uints(2), (code) => versionOf(code) ?? hex(code)),
  51: (reader) => named(shareGroups(reader.vector(2)), groupName),
};

/** Groups of a key_share list, in its order. Throws CutShort. */
export function shareGroups(list: Reader): number[] {
  const groups: number[] = [];
  while (list.left > 0) {
    groups.push(list.uint(2));
    list.vector(2);
  }
  return groups;
}

function names(list: Reader): string[] {
  const found: string[] = [];
  while (list.left > 0) found.push(printable(list.vector(1).rest()));
  return found;
}

function named(codes: readonly number[], name: (code: number) => string): string[] {
  return codes.map((code) => (isGrease(code) ? 'GREASE' : name(code)));
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}
