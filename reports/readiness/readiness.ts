import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../contract.ts';
import { assess } from './assess.ts';
import { openLinks } from './links.ts';
import { readCriteria } from './read-criteria.ts';
import { renderPage } from './render-page.ts';

/**
 * "Ready for the cutover?": one page for those who decide, in both languages. Written last, because it links what the
 * other reports have left in the folder.
 */
export const readiness: Report = {
  id: 'readiness',
  files: ['readiness.de.html', 'readiness.en.html'],
  async write(input, folder) {
    const criteria = readCriteria();
    const assessment = assess(input, criteria);
    const links = openLinks(input);
    for (const language of ['de', 'en'] as const) {
      await writeFile(
        join(folder, `readiness.${language}.html`),
        renderPage({ input, assessment, criteria, links, language }),
      );
    }
  },
};
