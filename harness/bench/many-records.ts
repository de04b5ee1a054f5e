import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOfShard } from '../cli/shard.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run, RunPlan, Shard } from '../vocabulary/run.ts';

/** A small run of one device: what the many are copies of. `path`: its folder, when evidence is copied, too. */
export interface Template {
  readonly path?: string;
  readonly run: Run;
  readonly device: Device;
  /** All of that device. */
  readonly records: readonly Record[];
}

export interface ManyRecords {
  readonly template: Template;
  /** Records in all shards together, at least; whole devices. */
  readonly count: number;
  /** Writes only the devices of this one. */
  readonly shard?: Shard;
  /** Files of every trial; without them records have no attachments. */
  readonly withEvidence?: boolean;
  /** A line of records.jsonl, changed: for runs that differ. Default: as it is. */
  readonly change?: (line: string, device: number) => string;
}

/**
 * Writes a finished run folder below `out/runs` with thousands of records of devices `many-00000` on, and returns its
 * path. Needs no device: about 100,000 records a second, without evidence.
 */
export function writeManyRecords(out: string, many: ManyRecords): string {
  const { template, count, shard, withEvidence = false, change = (line) => line } = many;
  const devices = Math.ceil(count / template.records.length);
  const ids = Array.from({ length: devices }, (_, i) => `many-${String(i).padStart(5, '0')}`);
  const own = ids.map((id, i) => ({ id, i })).filter(({ id }) => shard === undefined || isOfShard(id, shard));
  const suffix = shard === undefined ? '' : `-shard-${shard.index}-of-${shard.of}`;
  const run = `${template.run.run}${suffix}`;
  const path = join(out, 'runs', run);
  mkdirSync(path, { recursive: true });

  const lines = template.records.map(
    (r) => `${JSON.stringify({ ...r, run, attachments: withEvidence ? r.attachments : [] })}\n`,
  );
  const rename = (text: string, id: string) => text.replaceAll(template.device.id, id);
  const fd = openSync(join(path, 'records.jsonl'), 'w');
  for (const { id, i } of own) writeSync(fd, lines.map((line) => change(rename(line, id), i)).join(''));
  closeSync(fd);
  if (withEvidence) copyEvidence(template, path, own, rename);

  const plan: RunPlan = {
    selection: {},
    ...(shard === undefined ? {} : { shard }),
    devices: ids,
    missing: {},
    scenarios: [...new Set(template.records.map((r) => r.scenario))],
    parallel: 1,
    pauseMs: 0,
    keepBodies: false,
  };
  writeFileSync(join(path, 'run.json'), JSON.stringify({ ...template.run, run, plan }));
  const device = JSON.stringify(template.device);
  writeFileSync(join(path, 'devices.json'), `[${own.map(({ id }) => rename(device, id)).join(',\n')}]`);
  return path;
}

function copyEvidence(
  { path = '', records }: Template,
  into: string,
  own: readonly { readonly id: string }[],
  rename: (text: string, id: string) => string,
): void {
  const files = records.flatMap((r) => r.attachments.map((a) => a.path));
  for (const { id } of own) {
    for (const file of files) {
      const to = join(into, rename(file, id));
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(path, file), to);
    }
  }
}
