import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../contract.ts';
import { planSuites } from './plan-suites.ts';
import { renderXml } from './render-xml.ts';

/**
 * junit.xml for CI: the regression view of the newest run, as the exit code takes it. A device that fails as accepted
 * passes here; whether devices work is what the other reports say.
 */
export const junit: Report = {
  id: 'junit',
  files: ['junit.xml'],
  async write(input, folder) {
    await writeFile(join(folder, 'junit.xml'), renderXml(planSuites(input)));
  },
};
