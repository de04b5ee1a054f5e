import { CutShort, Reader } from '../wire/reader.ts';
import type { RecordedExtension, RecordedHello } from './recorded-hello.ts';

/** Codes of the extensions that are looked into (IANA, TLS ExtensionType Values). */
export const EXTENSION = {
  serverName: 0,
  groups: 10,
  srp: 12,
  signatures: 13,
  alpn: 16,
  padding: 21,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  versions: 43,
  cookie: 44,
  keyShare: 51,
  encryptedHello: 0xfe0d,
} as const;

/** Reads the body of an extension; null: it is cut short, and so the client's own. */
export function readBody<T>({ body }: RecordedExtension, read: (reader: Reader) => T): T | null {
  try {
    return read(new Reader(body));
  } catch (error) {
    if (error instanceof CutShort) return null;
    throw error;
  }
}

/** An extension of a hello, by its code. */
export function findExtension({ extensions }: RecordedHello, code: number): RecordedExtension | undefined {
  return extensions?.find((one) => one.code === code);
}

/** What a hello lists of groups, signatures or versions; none without the extension, or where it cannot be read. */
export function listedCodes(hello: RecordedHello, code: number): readonly number[] {
  const extension = findExtension(hello, code);
  if (extension === undefined) return [];
  return readBody(extension, (reader) => reader.vector(code === EXTENSION.versions ? 1 : 2).uints(2)) ?? [];
}

/** The entries of a key_share list, in its order. Throws CutShort. */
export function readShares(list: Reader): readonly { readonly group: number; readonly bytes: number }[] {
  const shares: { group: number; bytes: number }[] = [];
  while (list.left > 0) shares.push({ group: list.uint(2), bytes: list.vector(2).left });
  return shares;
}
