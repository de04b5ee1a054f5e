import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readDevices } from '../device-files.ts';
import { readRuns } from '../records.ts';
import { catalogueOf, DEVICES_FOLDER } from './prepare.ts';
import { writeReports } from './write.ts';

export interface ReportOptions {
  readonly asOf?: Date;
  readonly html: boolean;
  readonly language: 'de' | 'en';
  readonly samples?: boolean;
  /** No run is needed. */
  readonly catalogue?: boolean;
}

/** `cutover report`: every report again, from records and the catalogue; without a run, those that the catalogue fills. */
export async function reportAgain(folder: string, options: ReportOptions): Promise<number> {
  const runs = options.catalogue === true && !existsSync(join(folder, 'runs')) ? [] : readRuns(folder);
  const written = await writeReports(runs, {
    out: folder,
    asOf: options.asOf ?? new Date(),
    language: options.language,
    catalogue: catalogueOf(readDevices(DEVICES_FOLDER)),
    pages: runs.length === 0 ? 'quick' : options.html ? 'all' : 'no-html',
    ...(options.samples === undefined ? {} : { samples: options.samples }),
  });
  return written ? 0 : 1;
}
