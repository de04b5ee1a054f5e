import { groupName, isGrease, signatureName, versionOf } from '../vocabulary/iana.ts';
import { printable } from '../wire/raw-hello.ts';
import type { Reader } from '../wire/reader.ts';
import { EXTENSION, readBody, readShares } from './read-extension.ts';
import type { RecordedExtension } from './recorded-hello.ts';

/** What an extension lists, by name; null: nothing that has names, or it cannot be read. */
export function listedIn(extension: RecordedExtension): string | null {
  const read = LISTS[extension.code];
  return read === undefined ? null : (readBody(extension, read)?.join(', ') ?? null);
}

const LISTS: Readonly<Record<number, (reader: Reader) => readonly string[]>> = {
  [EXTENSION.groups]: (reader) => named(reader.vector(2).uints(2), groupName),
  [EXTENSION.signatures]: (reader) => named(reader.vector(2).uints(2), signatureName),
  [EXTENSION.alpn]: (reader) => names(reader.vector(2)),
  [EXTENSION.versions]: (reader) => named(reader.vector(1).uints(2), (code) => versionOf(code) ?? hex(code)),
  [EXTENSION.keyShare]: (reader) =>
    named(
      readShares(reader.vector(2)).map(({ group }) => group),
      groupName,
    ),
};

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
