import type { ByteSource } from './byte-source.ts';
import { type CapturedHello, ConnectionFollower, type Followed, type FollowOptions } from './follow-connections.ts';
import { parseSegment } from './parse-segment.ts';
import { readPackets } from './read-packets.ts';

export interface CaptureRead extends Followed {
  readonly packets: number;
  /** Packets that no hello was looked for in, by the reason. */
  readonly others: ReadonlyMap<string, number>;
  /** Why the file could not be read to its end. */
  readonly trouble: string | null;
}

/** Reads a capture once, front to back, and calls for each hello on a mail port. Never throws over its bytes. */
export function readCapture(
  source: ByteSource,
  onHello: (hello: CapturedHello) => void,
  options?: FollowOptions,
): CaptureRead {
  const follower = new ConnectionFollower(onHello, options);
  const others = new Map<string, number>();
  const count = (why: string) => others.set(why, (others.get(why) ?? 0) + 1);
  let packets = 0;
  let trouble: string | null = null;
  for (const read of readPackets(source)) {
    if (read.kind === 'trouble') trouble = read.why;
    else {
      packets++;
      if (read.kind === 'oversized') {
        count('longer than any packet');
        continue;
      }
      const segment = parseSegment(read.linkType, read.bytes);
      if (segment.kind === 'other') count(segment.why);
      else if (!follower.accept(segment, read.atMs)) count('not from a client on a mail port');
    }
  }
  return { ...follower.finish(), packets, others, trouble };
}
