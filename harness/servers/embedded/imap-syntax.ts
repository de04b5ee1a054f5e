/** One argument of a command. `atom` keeps its brackets: BODY[HEADER.FIELDS (DATE)]<0.100> is one. */
export type ImapValue =
  | { readonly kind: 'atom' | 'string'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly ImapValue[] };

/**
 * The arguments of a command (RFC 3501 section 9), literals already put in as quoted strings; undefined: malformed.
 * Linear in the length of the text, and no deeper than MAX_DEPTH.
 */
export function parseImapValues(text: string): readonly ImapValue[] | undefined {
  const lists: ImapValue[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    const current = lists.at(-1);
    if (current === undefined) return undefined;
    if (char === ' ') {
      at++;
    } else if (char === '(') {
      if (lists.length > MAX_DEPTH) return undefined;
      lists.push([]);
      at++;
    } else if (char === ')') {
      lists.pop();
      lists.at(-1)?.push({ kind: 'list', items: current });
      at++;
    } else {
      const token = char === '"' ? readQuoted(text, at) : readAtom(text, at);
      if (token === undefined) return undefined;
      current.push(token.value);
      at = token.end;
    }
  }
  return lists.length === 1 ? lists[0] : undefined;
}

/** A literal as a quoted string, so that a command with literals is one text again. */
export function quoteLiteral(bytes: Buffer): string {
  return `"${bytes.toString('latin1').replace(/["\\]/g, '\\$&')}"`;
}

/** The text of an atom or string; undefined: it is a list, or missing. */
export function textOf(value: ImapValue | undefined): string | undefined {
  return value === undefined || value.kind === 'list' ? undefined : value.text;
}

/**
 * Whether a number is in a sequence set like "1:3,7,9:*" (RFC 3501 section 6.4.8); undefined: no set. `last` stands
 * for "*".
 */
export function parseSequenceSet(text: string, last: number): ((number: number) => boolean) | undefined {
  if (!/^(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*$/.test(text)) return undefined;
  const ranges = text.split(',').map((part) => {
    const [from = last, to = from] = part.split(':').map((end) => (end === '*' ? last : Number(end)));
    return { low: Math.min(from, to), high: Math.max(from, to) };
  });
  return (number) => ranges.some(({ low, high }) => number >= low && number <= high);
}

const MAX_DEPTH = 8;

interface Token {
  readonly value: ImapValue;
  readonly end: number;
}

function readQuoted(text: string, start: number): Token | undefined {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return { value: { kind: 'string', text: value }, end: at + 1 };
    if (text[at] === '\\') at++;
    value += text[at] ?? '';
  }
  return undefined;
}

function readAtom(text: string, start: number): Token | undefined {
  let at = start;
  let brackets = 0;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === '[') brackets++;
    if (char === ']') brackets--;
    if (brackets <= 0 && (char === ' ' || char === '(' || char === ')' || char === '"')) break;
  }
  return at === start ? undefined : { value: { kind: 'atom', text: text.slice(start, at) }, end: at };
}
