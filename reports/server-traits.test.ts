import { expect, test } from 'vitest';
import type { Run } from '../harness/vocabulary/run.ts';
import { RUN, SERVER_RUN } from './fixtures/run.ts';
import { concernsDirection, renderTrait, serverTraits } from './server-traits.ts';

function proving(mode: string, ...peculiarities: readonly string[]): Run {
  const unspoken = { versions: [], suites: [], groups: [], signatures: [] };
  const proof = { mode, ports: [], unspoken, contradictions: [], peculiarities: [...peculiarities] };
  return { ...SERVER_RUN, proofs: [proof] };
}

test('each is said once, with the engine, modes and ports that showed it', () => {
  const lenient = 'Ports 587, 465: Postfix takes SHA-1.';
  const [first, ...rest] = serverTraits([RUN, proving('strict', lenient), proving('half', lenient)]);
  expect(rest).toEqual([]);
  expect(renderTrait(first!)).toBe('containers, strict, half, port 587, 465: Postfix takes SHA-1.');
});

test('the newest proof of a mode holds', () => {
  const runs = [proving('strict', 'Port 25: old.'), proving('strict', 'Port 25: new.')];
  expect(serverTraits(runs).map((t) => t.text)).toEqual(['new.']);
  expect(serverTraits([...runs, proving('strict')])).toEqual([]);
});

test('what a comparison of refusal styles proved is not about these answers', () => {
  const watched = { ...proving('strict.silent', 'Port 25: x.'), watch: { seconds: 600, emulatedSpeed: 60 } };
  expect(serverTraits([watched])).toEqual([]);
});

test('a trait of sending ports says nothing of fetching, and one without ports concerns both', () => {
  const [send, fetch, any] = serverTraits([proving('strict', 'Port 587: a.', 'Ports 993, 110: b.', 'c.')]);
  expect([concernsDirection(send!, 'send'), concernsDirection(send!, 'fetch')]).toEqual([true, false]);
  expect([concernsDirection(fetch!, 'send'), concernsDirection(fetch!, 'fetch')]).toEqual([false, true]);
  expect([concernsDirection(any!, 'send'), concernsDirection(any!, 'fetch')]).toEqual([true, true]);
});
