import { clientsOf, type CorpusClient } from '../corpus/clients.ts';
import type { CorpusEntry } from '../corpus/entry.ts';
import { HarnessFault } from '../faults.ts';
import { matcherOf } from './star-pattern.ts';

/** The clients of recordings, narrowed by --device. Throws HarnessFault `no-recordings` when none is left. */
export function selectClients(entries: readonly CorpusEntry[], device?: readonly string[]): readonly CorpusClient[] {
  const fits = device?.map(matcherOf);
  const chosen = clientsOf(entries).filter((client) => fits?.some((fit) => fit(client.device)) ?? true);
  if (chosen.length > 0) return chosen;
  throw new HarnessFault('no-recordings', `No recorded hello is of ${device?.join(', ') ?? 'any device'}.`, {
    advice: 'See `cutover corpus list`; `cutover corpus add` keeps those of a run.',
    exitCode: 64,
  });
}
