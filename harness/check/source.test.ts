import { expect, test } from 'vitest';
import { createSources } from './source.ts';

test.for<readonly [string, string, boolean]>([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  // One customer's line: RFC 6177.
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
  ['::1', '2001:db8::1', false],
])('%s and %s count as one: %s', ([one, other, isSame]) => {
  const sourceOf = createSources();
  expect(sourceOf(one).key === sourceOf(other).key).toBe(isSame);
});

test.for<readonly [string, string]>([
  ['192.0.2.77', '192.0.2.x'],
  ['::ffff:192.0.2.77', '192.0.2.x'],
  ['2001:db8:abcd:12::77', '2001:db8:abcd::/48'],
  ['2001:db8::77', '2001:db8:0::/48'],
  ['', '?'],
])('of %s agents see %s', ([address, masked]) => {
  const source = createSources()(address);
  expect(source.masked).toBe(masked);
  expect(Object.keys(source)).toEqual(['key', 'masked']);
});

test('keys of one process tell nothing in another', () => {
  expect(createSources()('192.0.2.1').key).not.toBe(createSources()('192.0.2.1').key);
});
