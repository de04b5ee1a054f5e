import type { Offer } from '../predict/server-rules.ts';
import { groupName, isGrease } from '../vocabulary/iana.ts';
import { CutShort, Reader } from '../wire/reader.ts';
import { shareGroups } from './describe-extension.ts';
import { describeRecorded, type RecordedHello } from './recorded-hello.ts';

/** What predicting needs of a recording. */
export function offerOf(hello: RecordedHello): Offer {
  return { hello: describeRecorded(hello), keyShares: keySharesOf(hello) };
}

const KEY_SHARE = 51;

function keySharesOf({ extensions }: RecordedHello): readonly string[] | null {
  const extension = extensions?.find(({ code }) => code === KEY_SHARE);
  if (extension === undefined) return null;
  try {
    const groups = shareGroups(new Reader(extension.body).vector(2));
    return groups.filter((code) => !isGrease(code)).map(groupName);
  } catch (error) {
    if (error instanceof CutShort) return null;
    throw error;
  }
}
