import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../contract.ts';
import { readWatched } from './watched.ts';
export const refusals: Report = {
  id: 'refusals',
  files: ['refusals.csv'],
  async write(input, folder) {
    const w = input.records.flatMap((r) => {
      const run = input.runs.find((x) => x.run === r.run);
      return run
        ? [
            readWatched(
              r,
              run,
              input.devices.find((d) => d.id === r.device.id),
            ),
          ]
        : [];
    });
    await writeFile(join(folder, 'refusals.csv'), w.map(({ record, ...rest }) => JSON.stringify(rest)).join('\n'));
  },
};
