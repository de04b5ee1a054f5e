import { isGrease } from '../vocabulary/iana.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import type { Reader } from '../wire/reader.ts';
import { EXTENSION, readBody, readShares } from './read-extension.ts';
import type { RecordedExtension } from './recorded-hello.ts';

/**
 * Takes out of a hello's extensions what is new on each connection, and keeps lengths where they belong to the client.
 * Pre-shared keys, early data and cookies go as a whole: they continue something that a recording cannot. So does the name
 * of a user.
 */
export function blankExtensions(extensions: readonly RecordedExtension[]): readonly RecordedExtension[] {
  const codes = numberGrease(extensions.map(({ code }) => code));
  return extensions.flatMap((extension, i): readonly RecordedExtension[] => {
    const { code } = extension;
    if (CONTINUING.includes(code) || code === EXTENSION.srp) return [];
    return [{ code: codes[i] ?? code, body: blankBody(extension) }];
  });
}

/** RFC 8446 section 4.2. A login name stands in SRP's extension (RFC 5054 section 2.8.1). */
const CONTINUING: readonly number[] = [EXTENSION.preSharedKey, EXTENSION.earlyData, EXTENSION.cookie];
/** Whom it calls, what makes the length even, and a session's name say nothing about the client. */
const EMPTIED: readonly number[] = [EXTENSION.serverName, EXTENSION.padding, EXTENSION.sessionTicket];

/** What cannot be read as it should be, to its last byte, stays as it is: it is the client's own. */
function blankBody(extension: RecordedExtension): Buffer {
  const { code, body } = extension;
  if (EMPTIED.includes(code)) return Buffer.alloc(0);
  const blanked = readBody(extension, (reader) => blank(code, reader));
  return blanked?.length === body.length ? blanked : body;
}

function blank(code: number, reader: Reader): Buffer | null {
  switch (code) {
    case EXTENSION.groups:
    case EXTENSION.signatures:
      return vector(2, uint16(...numberGrease(reader.vector(2).uints(2))));
    case EXTENSION.versions:
      return vector(1, uint16(...numberGrease(reader.vector(1).uints(2))));
    case EXTENSION.keyShare:
      return blankShares(reader.vector(2));
    case EXTENSION.encryptedHello:
      return blankEncryptedHello(reader);
    default:
      return null;
  }
}

/** Numbered by themselves, GREASE keys get the numbers of their groups: both lists begin with the same one. */
function blankShares(list: Reader): Buffer {
  const shares = readShares(list);
  const groups = numberGrease(shares.map(({ group }) => group));
  return vector(2, ...shares.flatMap(({ bytes }, i) => [uint16(groups[i] ?? 0), vector(2, Buffer.alloc(bytes))]));
}

/** RFC 9849 section 5: what is encrypted, and the id of the key, differ each time also where it is only GREASE. */
function blankEncryptedHello(reader: Reader): Buffer {
  const head = reader.take(5);
  reader.uint(1);
  const [key, payload] = [reader.vector(2).left, reader.vector(2).left];
  return Buffer.concat([head, Buffer.from([0]), vector(2, Buffer.alloc(key)), vector(2, Buffer.alloc(payload))]);
}

/** The same codes with GREASE values numbered in their order: clients draw them anew for each connection (RFC 8701). */
export function numberGrease(codes: readonly number[]): readonly number[] {
  const drawn = [...new Set(codes.filter(isGrease))];
  return codes.map((code) => (isGrease(code) ? 0x0a0a + 0x1010 * drawn.indexOf(code) : code));
}
