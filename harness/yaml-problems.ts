import * as z from 'zod';

/** A problem of a file's content in words. `key`: the wrong key below `path`. */
export interface Explained {
  readonly path: readonly PropertyKey[];
  readonly key?: string;
  /** What is wrong, why, what to do. */
  readonly text: string;
}

type Issue = z.core.$ZodIssue;

/** Turns a schema's issues into sentences, each with what was found and what would be right. */
export function explainIssues(issues: readonly Issue[], content: unknown, schema: z.ZodType): Explained[] {
  const keysAt = (path: readonly PropertyKey[]) => [...new Set(allowedKeys(schemaAt(schema, path)))];
  return issues.flatMap((issue) => explain(issue, [], content, keysAt));
}

function explain(
  issue: Issue,
  above: readonly PropertyKey[],
  content: unknown,
  keysAt: (path: readonly PropertyKey[]) => string[],
): Explained[] {
  const path = [...above, ...issue.path];
  const found = valueAt(content, path);
  const missing = found === undefined;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const cut = valueAt(content, [...path, key]) === null && /\s/.test(key);
        return { path, key, text: cut ? CUT_TEXT : unknownKey(key, keysAt(path)) };
      });
    case 'invalid_union': {
      const branch = likelyBranch(issue.errors);
      if (missing || branch === undefined) break;
      return branch.flatMap((inner) => explain(inner, path, content, keysAt));
    }
    case 'invalid_type':
      if (missing) break;
      return [{ path, text: `${describe(found)} stands here, expected is ${KINDS[issue.expected] ?? issue.expected}` }];
    case 'invalid_value':
      if (missing) break;
      return [{ path, text: wrongValue(found, issue.values.map(String)) }];
    case 'too_small':
    case 'too_big':
      return [{ path, text: `${describe(found)} ${bounds(issue)}` }];
    case 'invalid_format':
      return [{ path, text: `${describe(found)} has the wrong form: ${custom(issue) ?? `it is no ${issue.format}`}` }];
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => explain(inner, path, content, keysAt));
    default:
      return [{ path, text: custom(issue) ?? issue.message }];
  }
  const name = String(path.at(-1) ?? '');
  if (missing) return [{ path, text: `is missing, and nothing can stand in for it; add "${name}: …"${hint(issue)}` }];
  return [{ path, text: custom(issue) ?? `${describe(found)} is none of the forms allowed here${hint(issue)}` }];
}

function hint(issue: Issue): string {
  if (issue.code === 'invalid_value') return ` with one of ${list(issue.values.map(String))}`;
  if (issue.code === 'invalid_type') return ` with ${KINDS[issue.expected] ?? issue.expected}`;
  return '';
}

const CUT_TEXT = 'this begins a new key, because a comma inside {…} ends the text before it; put that text in quotes';

function unknownKey(key: string, allowed: readonly string[]): string {
  // Known to another of the shapes that may stand here, e.g. another driver's.
  if (allowed.includes(key)) {
    return `the key ${quote(key)} does not go with the other keys here, so it would have no effect; remove it, or them`;
  }
  const near = nearest(key, allowed);
  const advice = near === undefined ? `remove it, or use one of ${list(allowed)}` : `did you mean ${quote(near)}?`;
  return `the key ${quote(key)} is unknown, so it would have no effect; ${advice}`;
}

function wrongValue(found: unknown, allowed: readonly string[]): string {
  const near = typeof found === 'string' ? nearest(found, allowed) : undefined;
  const what = typeof found === 'object' ? describe(found) : quote(found);
  return `${what} is not possible here; ${near === undefined ? '' : `did you mean ${quote(near)}? `}allowed: ${list(allowed)}`;
}

function bounds(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [word, limit] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
  const bound = issue.inclusive === false ? `${limit} (itself not allowed)` : String(limit);
  if (issue.origin === 'string')
    return issue.code === 'too_small' ? 'must not be empty' : `has more than ${bound} characters`;
  if (issue.origin === 'array') return `needs at ${word} ${bound} ${limit === 1 ? 'entry' : 'entries'}`;
  return `is out of range: at ${word} ${bound}`;
}

/** Messages written in a schema, as against those that zod makes up. */
function custom(issue: Issue): string | undefined {
  return /^(?:Invalid |Too |Unrecognized )/.test(issue.message) ? undefined : issue.message;
}

/** Of several allowed shapes the one that was most likely meant: with the fewest complaints about itself. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const values = branches.map((b) => (b.length === 1 && b[0]?.path.length === 0 ? b[0] : undefined));
  if (branches.length > 0 && values.every((issue) => issue?.code === 'invalid_value')) {
    const all = values.flatMap((issue) => (issue?.code === 'invalid_value' ? issue.values : []));
    return [{ code: 'invalid_value', path: [], message: 'Invalid input', values: all, input: undefined }];
  }
  const cost = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => {
      if (issue.code === 'unrecognized_keys') return sum + 2 * issue.keys.length;
      // Another kind of thing altogether (a text where a map stands): hardly what was meant.
      return sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? 10 : 1);
    }, 0);
  return [...branches].sort((a, b) => cost(a) - cost(b))[0];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list ("- …")',
};

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  const kind = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'value';
  return `the ${kind} ${quote(value)}`;
}

/** Bounded, and with everything escaped that could steer a terminal or turn text around. */
function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  if (typeof value !== 'string') return short;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function list(values: readonly string[]): string {
  const shown = values.slice(0, 24).join(', ');
  return values.length > 24 ? `${shown}, … (${values.length} in all)` : shown;
}

/** The closest of some words, if it is close enough to be a slip of the keyboard. */
export function nearest(word: string, among: readonly string[]): string | undefined {
  const ranked = among
    .map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps)[0];
  return ranked !== undefined && ranked.steps <= Math.max(1, Math.floor(word.length / 3))
    ? ranked.candidate
    : undefined;
}

/** Letters added, left out, mistaken or exchanged with their neighbour. Words beyond 100 letters are no slips. */
function distance(a: string, b: string): number {
  if (a.length > 100 || b.length > 100) return Number.POSITIVE_INFINITY;
  const first = Array.from({ length: b.length + 1 }, (_, i) => i);
  const rows = [first];
  for (let i = 1; i <= a.length; i += 1) {
    const above = rows[i - 1] ?? [];
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (rows[i - 2]?.[j - 2] ?? i + j) + 1 : i + j;
      row.push(Math.min(swap, exchanged, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) ?? Number.POSITIVE_INFINITY;
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return Reflect.get(value, step);
  }, content);
}

type JsonSchema = z.core.JSONSchema._JSONSchema;

/** The schemas that may apply at a path: zod's issues do not say which keys would have been right. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly JsonSchema[] {
  // Inlined, so that no $ref needs to be followed.
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  return path.reduce<readonly JsonSchema[]>((schemas, step) => schemas.flatMap((s) => below(s, step)), variants(root));
}

function below(schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  if (typeof schema === 'boolean') return [];
  const next =
    typeof step === 'number' ? schema.items : (schema.properties?.[String(step)] ?? schema.additionalProperties);
  return next === undefined || Array.isArray(next) ? [] : variants(next);
}

function variants(schema: JsonSchema): readonly JsonSchema[] {
  if (typeof schema === 'boolean') return [];
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...inner.flatMap(variants)];
}

function allowedKeys(schemas: readonly JsonSchema[]): string[] {
  return schemas
    .flatMap((s) => (typeof s === 'boolean' ? [] : Object.keys(s.properties ?? {})))
    .filter((key) => key !== '$schema');
}
