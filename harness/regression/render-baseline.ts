import { createHash } from 'node:crypto';
import type { Baseline } from './baseline.ts';
import { BASELINE_VERSION } from './baseline-lines.ts';
import type { Answer, Context, Facts } from './state.ts';

/**
 * The text of a baseline: one JSON object a line, answers sorted by key, so that two versions differ only in the lines
 * of what changed. What many answers stand on is written once, and named by a fingerprint only where it is not the
 * usual one.
 */
export function renderBaseline({ state, excuses, run }: Baseline): string {
  const answers = [...state.answers.values()].sort((a, b) => compareText(a.key, b.key));
  const contexts = fingerprintContexts(answers);
  const facts = fingerprintFacts(answers);
  const modes = new Map<string, object>();
  const servers = new Map<string, object>();
  for (const { context } of contexts.all) {
    for (const [mode, parameters] of Object.entries(context.modes))
      modes.set(`${mode} ${contexts.partOf(parameters)}`, { mode, is: contexts.partOf(parameters), parameters });
    for (const [server, traits] of Object.entries(context.servers))
      servers.set(`${server} ${contexts.partOf(traits)}`, { server, is: contexts.partOf(traits), traits });
  }
  const lines: readonly object[] = [
    { baseline: BASELINE_VERSION, acceptedAt: state.at, run },
    ...contexts.all.map(({ is, context, usual }) => ({
      context: is,
      engine: context.engine,
      ...(usual ? { usual } : {}),
      harness: context.harness,
      modes: mapValues(context.modes, contexts.partOf),
      servers: mapValues(context.servers, contexts.partOf),
    })),
    ...sortedValues(modes),
    ...sortedValues(servers),
    ...[...excuses].sort(([a], [b]) => compareText(a, b)).map(([excuse, rest]) => ({ excuse, ...rest })),
    ...facts.all.map(({ device, is, facts: own, usual }) => ({ device, is, ...(usual ? { usual } : {}), ...own })),
    ...answers.map((a) => ({
      key: a.key,
      firmware: a.firmware,
      direction: a.direction,
      ...a.found,
      ...(a.asConfigured ? {} : { asConfigured: false }),
      ...(a.answers.length > 1 ? { answers: a.answers } : {}),
      ...contexts.nameFor(a),
      ...facts.nameFor(a),
    })),
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

interface Contexts {
  readonly all: readonly { readonly is: string; readonly context: Context; readonly usual: boolean }[];
  readonly partOf: (part: object) => string;
  readonly nameFor: (answer: Answer) => { readonly context?: string };
}

function fingerprintContexts(answers: readonly Answer[]): Contexts {
  const partOf = createFingerprints();
  const isOf = createFingerprints();
  const count = new Map<string, { context: Context; answers: number }>();
  for (const { context } of answers) {
    const name = `${context.engine} ${isOf(context)}`;
    const entry = count.get(name) ?? { context, answers: 0 };
    entry.answers += 1;
    count.set(name, entry);
  }
  const usual = mostUsed([...count].map(([name, { context, answers: n }]) => ({ group: context.engine, name, n })));
  return {
    all: [...count]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, { context }]) => ({ is: isOf(context), context, usual: usual.has(name) })),
    partOf,
    nameFor: ({ context }) => (usual.has(`${context.engine} ${isOf(context)}`) ? {} : { context: isOf(context) }),
  };
}

interface DeviceFacts {
  readonly all: readonly {
    readonly device: string;
    readonly is: string;
    readonly facts: Facts;
    readonly usual: boolean;
  }[];
  readonly nameFor: (answer: Answer) => { readonly facts?: string };
}

function fingerprintFacts(answers: readonly Answer[]): DeviceFacts {
  const isOf = createFingerprints();
  const count = new Map<string, { device: string; facts: Facts; answers: number }>();
  for (const { device, facts } of answers) {
    if (facts === null) continue;
    const name = `${device} ${isOf(facts)}`;
    const entry = count.get(name) ?? { device, facts, answers: 0 };
    entry.answers += 1;
    count.set(name, entry);
  }
  const usual = mostUsed([...count].map(([name, { device, answers: n }]) => ({ group: device, name, n })));
  return {
    all: [...count]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, { device, facts }]) => ({ device, is: isOf(facts), facts, usual: usual.has(name) })),
    nameFor: ({ device, facts }) =>
      facts === null || usual.has(`${device} ${isOf(facts)}`) ? {} : { facts: isOf(facts) },
  };
}

/** The name that stands most often in each group, the first of several. */
function mostUsed(
  entries: readonly { readonly group: string; readonly name: string; readonly n: number }[],
): ReadonlySet<string> {
  const groups = Map.groupBy(entries, (e) => e.group);
  return new Set(
    [...groups.values()].flatMap(
      (own) => own.toSorted((a, b) => b.n - a.n || compareText(a.name, b.name))[0]?.name ?? [],
    ),
  );
}

/** Objects are shared by many answers, and each is read once. */
function createFingerprints(): (value: object) => string {
  const known = new Map<object, string>();
  return (value) => {
    const is = known.get(value) ?? fingerprint(value);
    known.set(value, is);
    return is;
  };
}

/** Whatever the order of keys. */
function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, 12);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareText(a, b))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

function sortedValues(map: ReadonlyMap<string, object>): readonly object[] {
  return [...map].sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

function mapValues(
  value: Readonly<Record<string, object>>,
  map: (v: object) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareText(a, b))
      .map(([k, v]) => [k, map(v)]),
  );
}

/** By code unit: the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
