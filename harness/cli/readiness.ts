import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assess } from '../../reports/readiness/assess.ts';
import { readCriteria } from '../../reports/readiness/read-criteria.ts';
import { renderSummary } from '../../reports/readiness/render-summary.ts';
import { readDevices } from '../device-files.ts';
import { readRuns } from '../records.ts';
import { EXIT } from './exit.ts';
import { catalogueOf, DEVICES_FOLDER } from './prepare.ts';
import { printable } from './printable.ts';
import { reportInputOf } from './write.ts';

interface ReadinessOptions {
  readonly asOf?: Date;
  readonly json?: boolean;
}

/** `cutover readiness`: the page's recommendation for programs. Exit code 0: go; 1: not yet. An empty folder is no go. */
export function tellReadiness(folder: string, { asOf = new Date(), json }: ReadinessOptions): number {
  const runs = existsSync(join(folder, 'runs')) ? readRuns(folder) : [];
  const catalogue = catalogueOf(readDevices(DEVICES_FOLDER));
  const input = reportInputOf(runs, { out: folder, asOf, language: 'en', catalogue });
  const assessment = assess(input, readCriteria());
  const { ready, criteria, schedule } = assessment;
  if (json === true) console.log(JSON.stringify({ ready, asOf: schedule.asOf, criteria }, null, 2));
  else console.log(printable(renderSummary(assessment, input.policies)));
  return ready ? EXIT.expected : EXIT.different;
}
