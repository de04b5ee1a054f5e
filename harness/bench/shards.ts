import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVICE_WAIT_MS } from '../drivers/fake-device.ts';
import { readRun } from '../records.ts';
import type { Figure } from './bench.ts';
import { runTimed } from './run-timed.ts';

const DEVICES = 256;
const SHARDS = 4;
/**
 * For each process. Fewer than processors could serve: what is asked is whether waiting is shared. With 8, a shard is
 * done within a minute, of which the start of four processes on two processors is a seventh (measured: 3.4 times faster).
 */
const PARALLEL = 5;

/**
 * A fleet that waits as devices do, run by one process and by four at once. The four are joined, and must have found
 * exactly what the one has.
 */
export async function benchShards(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-bench-shards-'));
  try {
    const devices = writeFleet(join(folder, 'devices'));
    const base = ['run', '--devices', devices, '--engine', 'embedded', '--parallel', String(PARALLEL), '--no-reports'];
    const run = (out: string, more: readonly string[] = []) => runTimed([...base, '--out', out, ...more]);
    const [whole, joined] = [join(folder, 'whole'), join(folder, 'joined')];
    const one = await run(whole);
    const begin = performance.now();
    const parts = Array.from({ length: SHARDS }, (_, i) => join(folder, `shard-${i + 1}`));
    await Promise.all(parts.map((out, i) => run(out, ['--shard', `${i + 1}/${SHARDS}`])));
    const shards = (performance.now() - begin) / 1000;
    const merge = await runTimed(['merge', ...parts, '--out', joined, '--no-reports']);
    demandSame(findingsIn(whole), findingsIn(joined));
    const name = `${DEVICES} devices that wait ${DEVICE_WAIT_MS / 1000} s a trial, --parallel ${PARALLEL}`;
    return [
      { name: `${name}: one process`, value: one.seconds, unit: 's' },
      { name: `${name}: ${SHARDS} shards`, value: shards, unit: 's' },
      { name: `${SHARDS} shards: times faster`, value: one.seconds / shards, unit: '×', limit: { atLeast: 3.5 } },
      {
        name: `${SHARDS} shards and their merge: times faster`,
        value: one.seconds / (shards + merge.seconds),
        unit: '×',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeFleet(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < DEVICES; i += 1) {
    const id = `fake-${String(i).padStart(3, '0')}`;
    const device = {
      id,
      vendor: 'Fake',
      model: `Sender ${i}`,
      kind: 'camera',
      firmware: [{ version: '1' }],
      settings: [{ id: 'plain-25', protocol: 'smtp', port: 25, security: 'plaintext' }],
      reach: { driver: 'scripted', script: 'waits-then-delivers' },
      client: 'fake',
    };
    // JSON is YAML.
    writeFileSync(join(folder, `${id}.yaml`), JSON.stringify(device));
  }
  return folder;
}

function findingsIn(out: string): readonly string[] {
  const [name = ''] = readdirSync(join(out, 'runs'));
  return readRun(join(out, 'runs', name))
    .records.map((r) => `${r.trial} #${r.attempt} ${r.outcome} ${r.cause ?? ''}`)
    .sort();
}

function demandSame(whole: readonly string[], joined: readonly string[]): void {
  if (whole.length < 4 * DEVICES) throw new Error(`only ${whole.length} findings: the fleet was not asked`);
  const [only, others] = [new Set(whole), new Set(joined)];
  const apart = [...whole.filter((f) => !others.has(f)), ...joined.filter((f) => !only.has(f))];
  if (whole.length !== joined.length || apart.length > 0)
    throw new Error(`merged shards and the unsharded run differ:\n${apart.slice(0, 10).join('\n')}`);
}
