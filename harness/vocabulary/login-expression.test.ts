import { expect, test } from 'vitest';
import { parseLoginExpression } from './login-expression.ts';

test.for([
  ['ogin: ?$', 'router login: '],
  ['(?:Username|[Ll]ogin|Benutzer) ?: ?$', 'Benutzer: '],
  ['^\\[\\d{1,3}\\] .*[>#]\\s*$', '[12] box> '],
  ['\\x1b\\[0m\\$', '\u001b[0m$'],
  ['pass[^:]{0,20}:', 'passphrase for root:'],
  ['a.+?b', 'axxb'],
] as const)('%s is usable', ([source, text]) => {
  const parsed = parseLoginExpression(source);
  expect(parsed).toMatchObject({ kind: 'usable' });
  expect(parsed.kind === 'usable' && parsed.regExp.test(text)).toBe(true);
});

test.for([
  ['^(a+)+$', /repeats a group/],
  ['(?:a|a)*b', /repeats a group/],
  ['(a?){30}b', /repeats a group/],
  ['.*.*.*x', /more than two/],
  ['a{0,}b{1,}c*', /more than two/],
  [`${'a?'.repeat(30)}b`, /too many choices/],
  [`${'(a|a)'.repeat(30)}b`, /too many choices/],
  ['.{0,200}.{0,200}x', /too many choices/],
  ['a{999}', /more than 200 times/],
  ['a{999,}', /more than 200 times/],
  ['(?=a)b', /may not use/],
  ['(?<n>a)', /may not use/],
  ['(a)\\1', /may not use/],
  ['[a-', /no regular expression/],
  ['a'.repeat(201), /longer than 200/],
] as const)('%s is refused', ([source, why]) => {
  expect(parseLoginExpression(source)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) });
});

/** Worst texts for the worst expressions: 0.2 s at most; without the limits, minutes or years. */
test.for([
  `${'a?'.repeat(10)}b`,
  '(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)b',
  '(a|a)(a|a)(a|a)a*b',
  'a*a*a?a?a?b',
  'a*(a|a)(a|a)(a|a)a*b',
])('%s ends on a text that goes with it but for the last character', (source) => {
  const parsed = parseLoginExpression(source);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  expect(parsed.regExp.test('a'.repeat(parsed.lastCharacters))).toBe(false);
});
