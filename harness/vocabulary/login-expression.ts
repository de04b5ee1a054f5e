/** What a device file's `expect` may be: neither the file nor the console may keep this process busy with it. */
export type LoginExpression =
  | { readonly kind: 'usable'; readonly regExp: RegExp; readonly lastCharacters: number }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Takes literals, `.`, classes, anchors, groups, alternation, and `?`, `*`, `+`, `{n,m}` after one character or class.
 * JavaScript's matcher goes back over every choice. A quantified group multiplies choices without end; without one the
 * choices of an expression can be counted, and with them the steps that the worst text costs.
 */
export function parseLoginExpression(source: string): LoginExpression {
  if (source.length > MAX_LENGTH) return refuse(`is longer than ${MAX_LENGTH} characters; wait for fewer words`);
  const regExp = compile(source);
  if (regExp === null) return refuse(`is no regular expression; ${BACKSLASH}`);
  const open: Choices[] = [];
  let here: Choices = { other: 0, mine: 1 };
  let unbounded = 0;
  for (let rest = source; rest !== ''; ) {
    const [atom] = ATOM.exec(rest) ?? [];
    if (atom === undefined)
      return refuse(`has "${rest.slice(0, 3)}" in it, which device files may not use; ${BACKSLASH}`);
    rest = rest.slice(atom.length);
    if (atom.startsWith('(')) {
      open.push(here);
      here = { other: 0, mine: 1 };
    } else if (atom === '|') here = { other: here.other + here.mine, mine: 1 };
    else if (atom === ')') {
      const group = here.other + here.mine;
      here = open.pop() ?? { other: 0, mine: 1 };
      here = { ...here, mine: here.mine * group };
    }
    const [quantifier] = QUANTIFIER.exec(rest) ?? [];
    if (quantifier === undefined) continue;
    if (atom === ')') return refuse(`repeats a group (")${quantifier}"); repeat a single character or class`);
    rest = rest.slice(quantifier.length);
    const times = timesOf(quantifier);
    if (times === 'unbounded') unbounded += 1;
    else if (times.most > MAX_REPEAT) return refuse(`repeats more than ${MAX_REPEAT} times; lower the number in {…}`);
    else here = { ...here, mine: here.mine * (times.most - times.least + 1) };
  }
  const lastCharacters = LAST_CHARACTERS[unbounded];
  if (lastCharacters === undefined) return refuse('has more than two of * and +; write {0,20} for the others');
  const most = unbounded === 0 ? MAX_CHOICES.free : MAX_CHOICES.besideUnbounded;
  if (here.other + here.mine > most)
    return refuse('has too many choices (? | {n,m}); wait for a shorter piece of the prompt');
  return { kind: 'usable', regExp, lastCharacters };
}

/** Ways through the branches before the last bar, and through the branch after it. */
interface Choices {
  readonly other: number;
  readonly mine: number;
}

const MAX_LENGTH = 200;
const MAX_REPEAT = 200;
/** Ways through an expression; the worst that these let through is measured in the test beside this file. */
const MAX_CHOICES = { free: 1_024, besideUnbounded: 8 } as const;
/** By the number of * and +: with n of them a search takes characters^(n+1) steps. Prompts stand at the end. */
const LAST_CHARACTERS: readonly number[] = [4_096, 4_096, 256];
const BACKSLASH = 'put a backslash before ( ) [ ] { } . * + ? ^ $ | where they stand for themselves';

/** No look-around, named group or back reference: the matcher's cost with them is not what is counted here. */
const ATOM =
  /^(?:\((?:\?:)?(?!\?)|[)|^$.]|\\(?:[dDwWsSbBnrt]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^A-Za-z0-9])|\[(?:[^\\\]]|\\.)*\]|[^\\()[\]{}|^$.*+?])/u;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;

function timesOf(quantifier: string): 'unbounded' | { readonly least: number; readonly most: number } {
  if (quantifier.startsWith('?')) return { least: 0, most: 1 };
  const [, least = '', comma = '', most = ''] = /^\{(\d+)(,?)(\d*)/.exec(quantifier) ?? [];
  if (least === '' || (Number(least) <= MAX_REPEAT && comma === ',' && most === '')) return 'unbounded';
  return { least: Number(least), most: Math.max(Number(least), Number(most)) };
}

function compile(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch {
    return null;
  }
}

function refuse(why: string): LoginExpression {
  return { kind: 'refused', why };
}
