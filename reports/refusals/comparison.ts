import type { Device } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Run } from '../../harness/vocabulary/run.ts';
import type { ReportInput } from '../contract.ts';
import { type Comparison, rankStyles } from './rank-styles.ts';
import { readWatched, type Watched } from './watched.ts';

/** All that the report says, before it is put into words. */
export interface Compared extends Comparison {
  readonly watched: readonly Watched[];
  /** Today's policy first, then the ways in the order in which they were asked. */
  readonly modes: readonly Mode[];
  readonly devices: ReadonlyMap<string, Device>;
  readonly watch: NonNullable<Run['watch']>;
  readonly emulated: number;
  readonly real: number;
}

/** The policy that every way is compared with. */
export const BASELINE = 'today';

export function compareRecords(input: Pick<ReportInput, 'records' | 'runs' | 'devices' | 'policies'>): Compared {
  const runs = new Map(input.runs.flatMap((run) => (run.watch === undefined ? [] : [[run.run, run] as const])));
  const devices = new Map(input.devices.map((d) => [d.id, d]));
  const watched = input.records.flatMap((record) => {
    const run = runs.get(record.run);
    return run === undefined ? [] : [readWatched(record, run, devices.get(record.device.id))];
  });
  const seen = watched.filter((w) => w.fate !== 'not-run');
  const isEmulated = new Map(seen.map((w) => [w.device, w.record.device.emulated]));
  const modes = input.policies.filter((mode) => watched.some((w) => w.mode === mode.id));
  const newest = [...runs.values()].at(-1)?.watch ?? { seconds: 600, emulatedSpeed: 1 };
  return {
    ...rankStyles(watched, modes, BASELINE),
    watched,
    modes,
    devices,
    watch: newest,
    emulated: [...isEmulated.values()].filter(Boolean).length,
    real: [...isEmulated.values()].filter((e) => !e).length,
  };
}
