import { isDeepStrictEqual } from 'node:util';
import { HarnessFault } from '../faults.ts';
import type { StoredRun } from '../records.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Run, RunPlan } from '../vocabulary/run.ts';
import { renderShard } from './shard.ts';

/** A shard, a site's run, or all of a selection. */
type Given = Pick<StoredRun, 'path' | 'run' | 'devices'>;
type Part = Given & { readonly plan: RunPlan };

export interface Merge {
  readonly run: Run;
  readonly devices: readonly Device[];
}

/**
 * What several runs are together, as if one process had run them. Throws HarnessFault `not-mergeable` (64) with
 * everything that is against it: what is not finished, what is missing or there twice, what was not run alike.
 */
export function planMerge(runs: readonly Given[]): Merge {
  const parts = runs.flatMap((r) => (r.run.plan === undefined ? [] : [{ ...r, plan: r.run.plan }]));
  const problems = [
    ...runs.filter((r) => r.run.plan === undefined).map((r) => `${nameOf(r)} was not begun by \`cutover run\``),
    ...unfinished(parts),
    ...different(parts),
    ...wrongShards(parts),
    ...wrongDevices(parts),
  ];
  const [first] = parts;
  if (problems.length > 0 || first === undefined)
    throw new HarnessFault('not-mergeable', `these runs are not one:\n  ${problems.join('\n  ')}`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Nothing was written. Name the run folders that belong together, each once.',
    });
  return { run: joinedRun(parts, first), devices: inOrder(parts) };
}

function joinedRun(parts: readonly Part[], first: Part): Run {
  const startedAt = parts.map((p) => p.run.startedAt).sort()[0] ?? first.run.startedAt;
  const { shard: _, leftOut: __, ...plan } = first.plan;
  const devices = [...new Set(parts.flatMap((p) => p.plan.devices))];
  const leftOut = [...new Set(parts.flatMap((p) => p.plan.leftOut ?? []))].filter((id) => !devices.includes(id));
  const proofs = Map.groupBy(
    parts.flatMap((p) => p.run.proofs),
    (proof) => proof.mode,
  );
  return {
    ...first.run,
    // The same parts give the same name: a merge that was cut off is done again in its place.
    run: `${startedAt.replaceAll(':', '').replace('.', '-')}-merged`,
    startedAt,
    endedAt:
      parts
        .flatMap((p) => p.run.endedAt ?? [])
        .sort()
        .at(-1) ?? null,
    proofs: [...proofs.values()].flatMap((same) => same.slice(0, 1)),
    plan: {
      ...plan,
      selection: sharedSelection(parts.map((p) => p.plan.selection)),
      devices,
      ...(leftOut.length === 0 ? {} : { leftOut }),
      missing: Object.assign({}, ...parts.map((p) => p.plan.missing)),
    },
    merged: parts.map(({ run, plan: { shard, selection } }) => ({
      run: run.run,
      ...(shard === undefined ? {} : { shard }),
      ...(selection.site === undefined ? {} : { site: selection.site }),
      listen: run.listen,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
    })),
  };
}

/** What all were restricted to: what none of them would have asked is not missing from them together. */
function sharedSelection([first = {}, ...others]: readonly RunPlan['selection'][]): RunPlan['selection'] {
  const given = new Map<string, unknown>(Object.entries(first));
  const isShared = (key: string) =>
    others.every((o) => isDeepStrictEqual(new Map<string, unknown>(Object.entries(o)).get(key), given.get(key)));
  return Object.fromEntries(Object.entries(first).filter(([key]) => isShared(key)));
}

/** As they were planned, whichever shard had them. */
function inOrder(parts: readonly Part[]): readonly Device[] {
  const known = new Map(parts.flatMap((p) => p.devices).map((d) => [d.id, d]));
  return [...new Set(parts.flatMap((p) => p.plan.devices))].flatMap((id) => known.get(id) ?? []);
}

function unfinished(parts: readonly Part[]): readonly string[] {
  return parts
    .filter((p) => p.run.state !== 'finished')
    .map((p) => `${nameOf(p)} is not finished: go on with \`npx cutover run --resume ${p.path}\``);
}

/** Findings of another policy, engine or program answer another question. */
function different(parts: readonly Part[]): readonly string[] {
  const [first, ...others] = parts;
  if (first === undefined) return [];
  const said = (part: Part, what: string, was: unknown, is: unknown) =>
    `${nameOf(part)} has ${what} ${String(is)}, ${nameOf(first)} has ${String(was)}`;
  return others.flatMap((part) => [
    ...(['engine', 'cutover', 'openssl'] as const)
      .filter((key) => part.run[key] !== first.run[key])
      .map((key) => said(part, key, first.run[key], part.run[key])),
    ...(isDeepStrictEqual(part.plan.scenarios, first.plan.scenarios)
      ? []
      : [said(part, 'the scenarios', first.plan.scenarios, part.plan.scenarios)]),
    ...differentModes(first.run.modes, part.run.modes).map(
      (what) => `${nameOf(part)} and ${nameOf(first)} differ in ${what}`,
    ),
  ]);
}

function differentModes(ones: readonly Mode[], others: readonly Mode[]): readonly string[] {
  const ids = [...new Set([...ones, ...others].map((m) => m.id))];
  return ids.flatMap((id) => {
    const [a, b] = [ones.find((m) => m.id === id), others.find((m) => m.id === id)];
    if (a === undefined || b === undefined) return [`the mode ${id}, which only one of them has`];
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const values = (mode: Mode) => new Map<string, unknown>(Object.entries(mode));
    const changed = keys.filter((key) => !isDeepStrictEqual(values(a).get(key), values(b).get(key)));
    return changed.length === 0 ? [] : [`the mode ${id}: ${changed.join(', ')}`];
  });
}

/** Each site is cut into shards of its own. */
function wrongShards(parts: readonly Part[]): readonly string[] {
  return [...Map.groupBy(parts, (p) => p.plan.selection.site ?? '').values()].flatMap((own) => {
    const counts = [...new Set(own.flatMap((p) => p.plan.shard?.of ?? []))];
    const [of] = counts;
    if (of === undefined) return [];
    if (counts.length > 1) return [`shards of ${counts.join(' and of ')}: all must be cut alike`];
    const [first, ...others] = own;
    const apart = others.flatMap((p) => {
      const differing = onlyInOne(p.plan.devices, first?.plan.devices ?? []);
      return differing.length === 0 || first === undefined
        ? []
        : [`${nameOf(p)} and ${nameOf(first)} were not planned over the same devices: ${listed(differing)}`];
    });
    const all = Array.from({ length: of }, (_, i) => i + 1);
    const missing = all.filter((i) => !own.some((p) => p.plan.shard?.index === i));
    return [
      ...(missing.length === 0 ? [] : [`missing: ${missing.map((i) => `shard ${i}/${of}`).join(', ')}`]),
      ...apart,
    ];
  });
}

function wrongDevices(parts: readonly Part[]): readonly string[] {
  const owners = Map.groupBy(
    parts.flatMap((p) => p.devices.map((d) => ({ id: d.id, part: p }))),
    (one) => one.id,
  );
  const twice = [...owners.values()].filter((same) => same.length > 1);
  const byParts = Map.groupBy(twice, (same) => same.map((one) => nameOf(one.part)).join(' and in '));
  const missing = [...new Set(parts.flatMap((p) => p.plan.devices))].filter((id) => !owners.has(id));
  return [
    ...[...byParts].map(([where, same]) => `twice, in ${where}: ${listed(same.map(([one]) => one?.id ?? ''))}`),
    ...(missing.length === 0 ? [] : [`missing: ${missing.length === 1 ? 'device' : 'devices'} ${listed(missing)}`]),
  ];
}

/** In only one of both. */
function onlyInOne(a: readonly string[], b: readonly string[]): readonly string[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  return [...a.filter((id) => !inB.has(id)), ...b.filter((id) => !inA.has(id))];
}

/** Enough to act on. */
const SHOWN = 20;

function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function nameOf({ run, path }: Given): string {
  const { plan } = run;
  return plan?.shard === undefined ? path : `${path} (shard ${renderShard(plan.shard)})`;
}
