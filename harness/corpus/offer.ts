import type { ClientLimits, Offer } from '../predict/server-rules.ts';
import { groupName, isGrease } from '../vocabulary/iana.ts';
import { EXTENSION, findExtension, readBody, readShares } from './read-extension.ts';
import { describeRecorded, type RecordedHello } from './recorded-hello.ts';

/** What predicting needs of a recording. */
export function offerOf(hello: RecordedHello): Offer {
  return { hello: describeRecorded(hello), keyShares: keySharesOf(hello) };
}

/** The same of a client that is known to accept no more than this. */
export function offerWithin(hello: RecordedHello, limits: ClientLimits | undefined): Offer {
  return limits === undefined ? offerOf(hello) : { ...offerOf(hello), limits };
}

function keySharesOf(hello: RecordedHello): readonly string[] | null {
  const extension = findExtension(hello, EXTENSION.keyShare);
  const shares = extension === undefined ? null : readBody(extension, (reader) => readShares(reader.vector(2)));
  return shares?.flatMap(({ group }) => (isGrease(group) ? [] : [groupName(group)])) ?? null;
}
