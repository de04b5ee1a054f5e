import type * as z from 'zod';
import { explainIssues, nearest } from '../yaml-problems.ts';
import { CAUSE_RULES } from '../causes.ts';
import type { Excuse } from '../vocabulary/comparison.ts';
import { ENGINES } from '../vocabulary/verdict.ts';
import type { Baseline } from './baseline.ts';
import { type AnswerLine, BASELINE_VERSION, type LineKind, LINES } from './baseline-lines.ts';
import { columnOf, type JsonLine, parseJsonLines, type Problem, refuseProblems } from './parse-json-lines.ts';
import { type Answer, type Context, type Facts, foundOf, type Question } from './state.ts';

/**
 * Reads a baseline's text. The order of lines does not matter, but that the first says what the file is.
 *
 * @param file Its name, for messages.
 * @throws HarnessFault `baseline-invalid`: every problem with line and column.
 */
export function parseBaseline(text: string, file: string): Baseline {
  const problems: Problem[] = [];
  const lines = parseJsonLines(text, problems);
  const [first] = lines;
  if (first?.value['baseline'] !== BASELINE_VERSION) {
    // A file of something else has as many problems as lines.
    const what = `not a baseline of version ${BASELINE_VERSION}; \`cutover baseline accept\` writes one`;
    refuseProblems(file, [{ line: first?.number ?? 1, column: 1, text: what }]);
  }
  const read = readLines(lines, problems);
  // What follows would complain of lines that were refused above.
  refuseProblems(file, problems);
  const places = placesOf(read, problems);
  const answers = new Map<string, Answer>();
  for (const { line, value } of read.key) {
    const answer = toAnswer(value, line, places, problems);
    if (answer === null) continue;
    if (answers.has(answer.key)) problems.push(at(line, ['key'], `the question ${answer.key} stands twice; keep one`));
    answers.set(answer.key, answer);
  }
  const excuses = excusesOf(read.excuse, answers, problems);
  refuseProblems(file, problems);
  const header = read.baseline[0]?.value;
  return {
    state: { name: file, at: header?.acceptedAt ?? '', answers, spared: new Map() },
    excuses,
    run: header?.run ?? '',
  };
}

interface Read<T> {
  readonly line: JsonLine;
  readonly value: T;
}

type ReadLines = { readonly [K in LineKind]: readonly Read<z.output<(typeof LINES)[K]>>[] };

function readLines(lines: readonly JsonLine[], problems: Problem[]): ReadLines {
  const byKind = Map.groupBy(lines, kindOf);
  for (const line of byKind.get(undefined) ?? [])
    problems.push(
      at(line, [], 'neither an answer ("key") nor an excuse ("excuse"), nor what they stand on; remove it'),
    );
  for (const line of byKind.get('baseline')?.slice(1) ?? [])
    problems.push(
      at(line, [], 'a second first line: two baselines in one file; accept their runs one after the other'),
    );
  const of = <T>(kind: LineKind, schema: z.ZodType<T>) => readKind(byKind.get(kind) ?? [], schema, problems);
  return {
    baseline: of('baseline', LINES.baseline),
    harness: of('harness', LINES.harness),
    parameters: of('parameters', LINES.parameters),
    traits: of('traits', LINES.traits),
    device: of('device', LINES.device),
    excuse: of('excuse', LINES.excuse),
    key: of('key', LINES.key),
  };
}

function readKind<T>(lines: readonly JsonLine[], schema: z.ZodType<T>, problems: Problem[]): readonly Read<T>[] {
  return lines.flatMap((line) => {
    const parsed = schema.safeParse(line.value);
    if (parsed.success) return [{ line, value: parsed.data }];
    for (const { path, key, text } of explainIssues(parsed.error.issues, line.value, schema)) {
      const name = [...path, ...(key === undefined ? [] : [key])];
      problems.push(at(line, name, `${name.join('.') || '(line)'}: ${text}`));
    }
    return [];
  });
}

const KINDS = ['baseline', 'excuse', 'device', 'parameters', 'traits', 'harness'] as const satisfies LineKind[];

/** An answer's line is asked first: nearly all are. */
function kindOf({ value }: JsonLine): LineKind | undefined {
  return 'key' in value ? 'key' : KINDS.find((kind) => kind in value);
}

/** What answers stand on, by the fingerprint that they name, or by what is usual. */
interface Places {
  readonly contexts: ReadonlyMap<string, Context>;
  readonly usualContext: ReadonlyMap<string, Context>;
  readonly facts: ReadonlyMap<string, Facts>;
  readonly usualFacts: ReadonlyMap<string, Facts>;
}

function placesOf({ harness, parameters, traits, device }: ReadLines, problems: Problem[]): Places {
  const modes = new Map(parameters.map(({ value }) => [`${value.mode} ${value.is}`, value.parameters]));
  const servers = new Map(traits.map(({ value }) => [`${value.server} ${value.is}`, value.traits]));
  const resolve = <T>(line: JsonLine, names: Readonly<Record<string, string>>, known: ReadonlyMap<string, T>) =>
    Object.fromEntries(
      Object.entries(names).flatMap(([name, is]) => {
        const found = known.get(`${name} ${is}`);
        if (found === undefined) problems.push(at(line, [name], `no line has "${name}" as ${is}; accept the run anew`));
        return found === undefined ? [] : [[name, found]];
      }),
    );
  const contexts = harness.map(({ line, value }) => ({
    value,
    context: {
      engine: value.engine,
      harness: value.harness,
      modes: resolve(line, value.modes, modes),
      servers: resolve(line, value.servers, servers),
    },
  }));
  const facts = device.map(({ value }) => {
    const { kind, common, settings, firmware } = value;
    return { value, facts: { kind, common, settings, firmware } };
  });
  return {
    contexts: new Map(contexts.map(({ value, context }) => [`${value.engine} ${value.context}`, context])),
    usualContext: new Map(contexts.flatMap(({ value, context }) => (value.usual ? [[value.engine, context]] : []))),
    facts: new Map(facts.map(({ value, facts: own }) => [`${value.device} ${value.is}`, own])),
    usualFacts: new Map(facts.flatMap(({ value, facts: own }) => (value.usual ? [[value.device, own]] : []))),
  };
}

function toAnswer(
  value: z.output<typeof AnswerLine>,
  line: JsonLine,
  { contexts, usualContext, facts, usualFacts }: Places,
  problems: Problem[],
): Answer | null {
  const question = parseKey(value.key, value.firmware);
  if (question === null) {
    problems.push(
      at(line, ['key'], 'a key is device/scenario/setting/mode/question/engine; remove the line, or mend it'),
    );
    return null;
  }
  const found = foundOf(value);
  if (found.cause !== undefined && !CAUSE_RULES[found.cause].outcomes.includes(found.outcome))
    problems.push(at(line, ['cause'], `${found.outcome} cannot have the cause ${found.cause}`));
  const { device, engine } = question;
  const context = value.context === undefined ? usualContext.get(engine) : contexts.get(`${engine} ${value.context}`);
  if (context === undefined) {
    problems.push(at(line, ['context'], `no line says what was around ${engine} then; accept the run anew`));
    return null;
  }
  return {
    ...question,
    key: value.key,
    direction: value.direction,
    asConfigured: value.asConfigured !== false,
    found,
    answers: value.answers ?? [found],
    context,
    facts: (value.facts === undefined ? usualFacts.get(device) : facts.get(`${device} ${value.facts}`)) ?? null,
  };
}

function parseKey(key: string, firmware: string): Question | null {
  const [who = '', scenario, setting, mode, role, last, ...more] = key.split('/');
  const engine = ENGINES.find((e) => e === last);
  const [device = '', other] = [who.split('@')[0], who.includes('@') ? who.slice(who.indexOf('@') + 1) : undefined];
  if (scenario === undefined || setting === undefined || mode === undefined || role !== 'question') return null;
  if (engine === undefined || more.length > 0 || device === '' || (other !== undefined && other !== firmware))
    return null;
  return { device, firmware, installed: other === undefined, scenario, setting, mode, engine };
}

function excusesOf(
  lines: ReadLines['excuse'],
  answers: ReadonlyMap<string, Answer>,
  problems: Problem[],
): ReadonlyMap<string, Excuse> {
  const excuses = new Map<string, Excuse>();
  for (const { line, value } of lines) {
    const { excuse: key, ...excuse } = value;
    if (!answers.has(key)) problems.push(at(line, ['excuse'], noSuchQuestion(key, [...answers.keys()])));
    if (excuses.has(key)) problems.push(at(line, ['excuse'], `${key} is excused twice; keep one`));
    excuses.set(key, excuse);
  }
  return excuses;
}

/** Says which question may have been meant. */
export function noSuchQuestion(key: string, known: readonly string[]): string {
  const [device = ''] = key.split('/');
  const own = known.filter((k) => k.startsWith(`${device}/`));
  const near = nearest(key, own.length > 0 ? own : known.slice(0, 1_000));
  const advice = near === undefined ? 'remove it' : `did you mean ${near}?`;
  return `this file has no question "${key}"; ${advice}`;
}

function at(line: JsonLine, path: readonly PropertyKey[], text: string): Problem {
  return { line: line.number, column: columnOf(line.text, path), text };
}
