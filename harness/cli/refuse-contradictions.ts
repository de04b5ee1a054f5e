import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HarnessFault } from '../faults.ts';
import { type Run, type RunPlan, Shard } from '../vocabulary/run.ts';
import { describeRun } from './describe-run.ts';
import type { RunOptions } from './run.ts';
import { renderShard } from './shard.ts';

/**
 * A resumed run keeps what it was begun with. An option that says the same may stand; what only concerns reports, speed
 * or leave is free. Throws HarnessFault `resume-contradicted` (64), which names every other one.
 */
export function refuseContradictions(run: Run, plan: RunPlan, out: string, options: RunOptions): void {
  const { selection, shard, keepBodies, pauseMs } = plan;
  const was: Readonly<Record<string, unknown>> = {
    ...selection,
    shard,
    engine: run.engine,
    listen: run.listen,
    pause: pauseMs,
    keepBodies: keepBodies ? true : undefined,
    out: resolve(out),
  };
  const is: Readonly<Record<string, unknown>> = { ...options, out: resolve(options.out) };
  const contradicting = (options.given ?? []).filter(
    (name) =>
      FIXED.includes(name) && !isDeepStrictEqual(is[name], was[name]) && !(name === 'engine' && is[name] === 'auto'),
  );
  if (contradicting.length === 0) return;
  const lines = contradicting.map((name) => `${render(name, is[name])}: it was begun ${begun(name, was[name])}`);
  throw new HarnessFault(
    'resume-contradicted',
    `the run ${run.run} cannot be gone on with so:\n  ${lines.join('\n  ')}`,
    {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Leave these out: a resumed run keeps what it was begun with. For anything else start a new run.',
    },
  );
}

/** Options from which other findings would follow. */
const FIXED = [
  'device',
  'kind',
  'site',
  'shard',
  'mode',
  'scenario',
  'devices',
  'engine',
  'listen',
  'pause',
  'keepBodies',
  'out',
];

/** A run whose trials were judged by two programs would say that one of them was it. Throws HarnessFault `other-version`. */
export function refuseOtherVersion(run: Run): void {
  const here = describeRun(new Date(), run, []);
  const other = (['cutover', 'node', 'openssl'] as const).filter((name) => run[name] !== here[name]);
  if (other.length === 0) return;
  const what = other.map((name) => `${name} ${run[name]}, here is ${here[name]}`).join('; ');
  throw new HarnessFault('other-version', `the run ${run.run} was begun by ${what}`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Go on with the same version, or start a new run.',
  });
}

function begun(name: string, was: unknown): string {
  return was === undefined ? 'without it' : `with ${render(name, was)}`;
}

/** As on a command line. */
function render(name: string, value: unknown): string {
  const flag = `--${kebab(name)}`;
  if (value === true) return flag;
  if (Array.isArray(value)) return `${flag} ${value.join(' ')}`;
  const shard = Shard.safeParse(value);
  return `${flag} ${shard.success ? renderShard(shard.data) : String(value)}`;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
