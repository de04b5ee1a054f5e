import { crc32 } from 'node:zlib';
import { InvalidArgumentError } from 'commander';
import type { Shard } from '../vocabulary/run.ts';

/** `2/4`: the second of four. */
export function parseShard(text: string): Shard {
  const [, index, of] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text) ?? []).map(Number);
  if (index === undefined || of === undefined || index > of)
    throw new InvalidArgumentError('It is INDEX/COUNT, with an index from 1 to the count: 2/4.');
  return { index, of };
}

export function renderShard({ index, of }: Shard): string {
  return `${index}/${of}`;
}

/**
 * Whether a device belongs to a shard: decided by its id alone, so machines need not agree on anything else, and a new
 * device moves no other. CRC-32 spreads numbered ids evenly, where a cryptographic hash spreads them like dice.
 */
export function isOfShard(device: string, { index, of }: Shard): boolean {
  return crc32(device) % of === index - 1;
}
