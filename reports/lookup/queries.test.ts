import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { readDevices } from '../../harness/device-files.ts';
import { readYamlFile } from '../../harness/yaml-file.ts';
import { createSearch } from './create-search.ts';
import { devicesToFind, searchEntries } from './search-devices.ts';

const Queries = z.array(z.strictObject({ find: z.array(z.string()).min(1), type: z.array(z.string()).min(1) }));

const DEVICES = devicesToFind(readDevices(join(import.meta.dirname, '..', '..', 'devices')), false);
const QUERIES = readYamlFile(join(import.meta.dirname, 'queries.yaml'), Queries).flatMap(({ find, type }) =>
  type.map((query) => ({ query, find })),
);

test('what people type finds its entry: first for 85 in 100, among the first three for 95', () => {
  expect(QUERIES.length).toBeGreaterThanOrEqual(150);
  expect(new Set(QUERIES.map((q) => q.query)).size).toBe(QUERIES.length);
  const search = createSearch(searchEntries(DEVICES));
  const results = QUERIES.map(({ query, find }) => {
    const found = search(query, { limit: 3 }).map((m) => m.id);
    return { query, find, found, at: found.findIndex((id) => find.includes(id)) };
  });
  const misses = results
    .filter((r) => r.at !== 0)
    .map(
      (r) =>
        `${r.at < 0 ? 'missed' : 'not first'}: "${r.query}" → ${r.found.join(', ') || 'nothing'}; ${r.find.join(', ')}`,
    );
  const inThree = results.filter((r) => r.at >= 0).length / results.length;
  const first = results.filter((r) => r.at === 0).length / results.length;
  console.log(
    `${results.length} queries: first ${percent(first)}, among three ${percent(inThree)}\n${misses.join('\n')}`,
  );
  expect(inThree, misses.join('\n')).toBeGreaterThanOrEqual(0.95);
  expect(first, misses.join('\n')).toBeGreaterThanOrEqual(0.85);
});

test('every entry that a query should find is one', () => {
  const ids = new Set(DEVICES.map((d) => d.id));
  expect([...new Set(QUERIES.flatMap((q) => q.find))].filter((id) => !ids.has(id))).toEqual([]);
});

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
