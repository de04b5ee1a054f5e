import { readFileSync, statSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import { HarnessFault } from './faults.ts';
import { explainIssues, type Explained } from './yaml-problems.ts';

/** 1 MiB: 50 times the largest file that a person would write. */
const LIMIT_BYTES = 1_048_576;
/** How often one anchor's content may be repeated, nested ones multiplied: more is an attack ("billion laughs"). */
const LIMIT_ALIASES = 100;

/**
 * Reads one YAML 1.2 file and checks it against a schema; defaults are filled in.
 *
 * @throws HarnessFault `file-unreadable`, or `file-invalid` whose message lists every problem, one a line:
 *   `file:line:column: path: what, why, what to do`. Lines and columns count from 1.
 */
export function readYamlFile<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const refuse = (problems: readonly Located[]) =>
    invalid(
      path,
      [...problems]
        .sort((a, b) => a.offset - b.offset)
        .map(({ offset, text: problem }) => {
          const { line, col } = lines.linePos(offset);
          return `${path}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${problem}`;
        }),
    );

  const errors = [...document.errors, ...document.warnings];
  const syntax = errors.map((e) => ({
    offset: e.pos[0],
    text: `(syntax): ${SYNTAX[e.code] ?? sentence(e.message)}`,
  }));
  // After any other syntax error the content is a guess, and so would be every further message.
  if (errors.some((e) => e.code !== 'DUPLICATE_KEY')) throw refuse(syntax);

  const content = contentOf(document);
  if ('problem' in content) throw refuse([...syntax, { offset: 0, text: content.problem }]);
  const result = schema.safeParse(content.value);
  if (result.success && syntax.length === 0) return result.data;
  const issues = result.success ? [] : explainIssues(result.error.issues, content.value, schema);
  const problems = issues.map((p) => ({ offset: offsetOf(document, p), text: `${renderPath(p.path)}: ${p.text}` }));
  throw refuse([...syntax, ...problems]);
}

interface Located {
  readonly offset: number;
  readonly text: string;
}

const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands twice, and only one of them can count; remove one',
  TAB_AS_INDENT: 'a tab indents this line, which YAML forbids; use spaces',
  MULTIPLE_DOCS: 'a second document starts here ("---"), and one file holds one thing; make it a file of its own',
  TAG_RESOLVE_FAILED: 'this tag ("!…") is unknown, and files are plain data that run no code; remove it',
};

const TOO_DEEP = 'is nested too deeply to be read; flatten it';

function sentence(message: string): string {
  if (message.startsWith('Maximum call stack')) return TOO_DEEP;
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}; correct the YAML here`;
}

function readText(path: string): string {
  let bytes: Buffer;
  let size: number;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw unreadable(path, stats.isDirectory() ? 'it is a folder' : 'it is no plain file');
    size = stats.size;
    // Before reading: a file may be larger than the memory.
    bytes = size > LIMIT_BYTES ? Buffer.alloc(0) : readFileSync(path);
  } catch (cause) {
    if (cause instanceof HarnessFault) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw unreadable(path, REASONS[code] ?? code, cause);
  }
  if (size > LIMIT_BYTES) {
    const found = `${(size / LIMIT_BYTES).toFixed(1)} MiB`;
    throw invalid(path, [`${path}:1:1: (file): has ${found}, and the limit is 1 MiB; is it the right file?`]);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(path, [`${path}:1:1: (file): is not UTF-8 text; save it as UTF-8, or give the right file`]);
  }
  const control = text.search(CONTROL);
  if (control >= 0) {
    const before = text.slice(0, control).split('\n');
    const code = text.charCodeAt(control).toString(16).padStart(4, '0');
    const where = `${path}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
    throw invalid(path, [`${where}: (file): holds the control character U+${code}, which no YAML may; remove it`]);
  }
  return text;
}

/** What YAML 1.2 section 5.1 allows of C0 is tab and line ends. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

function unreadable(path: string, why: string, cause?: unknown): HarnessFault {
  return new HarnessFault('file-unreadable', `${path}: cannot be read: ${why}.`, {
    advice: 'Check the path and its permissions.',
    stage: 'configuration',
    cause,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
};

function contentOf(document: Document.Parsed): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: document.toJS({ maxAliasCount: LIMIT_ALIASES }) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (message.startsWith('Unresolved alias')) return { problem: `(syntax): ${sentence(message)}` };
    if (message.startsWith('Excessive alias')) {
      return { problem: '(syntax): repeats its anchors ("*…") until the content explodes; write the values out' };
    }
    return { problem: `(syntax): ${TOO_DEEP}` };
  }
}

/** Where a problem is shown: at the key if the key is wrong, else at the value, else at what should contain it. */
function offsetOf(document: Document.Parsed, problem: Explained): number {
  if (problem.key !== undefined) {
    const map = document.getIn(problem.path, true);
    const pair = isMap<ParsedNode>(map)
      ? map.items.find(({ key }) => isScalar(key) && String(key.value) === problem.key)
      : undefined;
    if (pair?.key.range) return pair.key.range[0];
  }
  for (let length = problem.path.length; length > 0; length -= 1) {
    const node = document.getIn(problem.path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}

function renderPath(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '') || '(file)';
}

function invalid(path: string, problems: readonly string[]): HarnessFault {
  return new HarnessFault('file-invalid', problems.join('\n'), { stage: 'configuration', endpoint: path });
}
