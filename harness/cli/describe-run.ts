import packageFile from '../../package.json' with { type: 'json' };
import type { Mode } from '../vocabulary/mode.ts';
import type { Run } from '../vocabulary/run.ts';

/** run.json of a run that starts now: what it is, nothing proven yet. Its id is its time, in a form that names a folder. */
export function describeRun(
  startedAt: Date,
  { engine, listen }: Pick<Run, 'engine' | 'listen'>,
  modes: readonly Mode[],
): Run {
  return {
    v: 1,
    run: startedAt.toISOString().replaceAll(':', '').replace('.', '-'),
    cutover: packageFile.version,
    node: process.version,
    openssl: process.versions.openssl ?? '',
    engine,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    state: 'running',
    modes: [...modes],
    proofs: [],
    listen,
  };
}
