import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../contract.ts';
import { writeResults } from './write-results.ts';

/** The raw results, for an Allure that somebody runs themselves. */
export const allureResults: Report = {
  id: 'allure-results',
  files: ['allure-results'],
  async write(input, folder) {
    const results = join(folder, 'allure-results');
    await mkdir(results);
    await writeResults(input.records, input, results);
  },
};
