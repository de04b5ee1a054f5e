import { readRuns } from '../records.ts';
import { writeReports } from './write.ts';

interface ReportOptions {
  readonly asOf?: Date;
  readonly html: boolean;
  readonly language: 'de' | 'en';
}

/** `cutover report`: every report again, from records alone. */
export async function reportAgain(folder: string, options: ReportOptions): Promise<number> {
  const written = await writeReports(readRuns(folder), {
    out: folder,
    asOf: options.asOf ?? new Date(),
    language: options.language,
    pages: options.html ? 'all' : 'no-html',
  });
  return written ? 0 : 1;
}
