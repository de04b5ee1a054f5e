import { expect, test } from 'vitest';
import { createQueryFilter } from './terminal-queries.ts';

test('questions are taken out wherever the output is cut, and nothing else is', () => {
  const output = 'a\x1b[6nb\x1b[0cc\x1b[cd\x1b[5ne\x9b6nf \x1b[31mred\x1b[0m \x1b[6A\x1b[10;5H \x1b(B 6n\r\n\x1b[6';
  const without = 'abcdef \x1b[31mred\x1b[0m \x1b[6A\x1b[10;5H \x1b(B 6n\r\n\x1b[6';
  for (let cut = 0; cut <= output.length; cut += 1) {
    const filter = createQueryFilter();
    expect(filter.push(output.slice(0, cut)) + filter.push(output.slice(cut)) + filter.end()).toBe(without);
  }
});
