import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

test('owners are given the file that was measured', () => {
  const [, recipe] = /```ini\n([^]*?)```/.exec(readme) ?? [];
  expect(recipe).toBe(readFileSync(join(import.meta.dirname, '../images/embedded-tls/relay.conf'), 'utf8'));
});

test('and the same access rules, for another address', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../images/embedded-tls/Dockerfile'), 'utf8');
  const rules = (text: string) => [...text.matchAll(/echo '(device: \S+)'/g)].map(([, rule]) => rule);
  expect(rules(readme)).toEqual(['device: 192.168.0.40', 'device: ALL']);
  expect(rules(dockerfile)).toEqual(['device: 127.0.0.1', 'device: ALL']);
});
