import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readDevices } from '../device-files.ts';
import { HarnessFault } from '../faults.ts';
import { createMatcher } from '../lists/match-device.ts';
import { type DeviceList, readList } from '../lists/read-list.ts';
import { readRuns } from '../records.ts';
import type { Device } from '../vocabulary/device.ts';
import type { AttendOptions } from './attend/attend.ts';
import { type GiveBackOptions, giveBack } from './list-give-back.ts';
import { catalogueOf, DEVICES_FOLDER } from './prepare.ts';
import { printable } from './printable.ts';
import type { ReportOptions } from './report.ts';
import type { RunOptions } from './run.ts';
import { findDevices } from './select-devices.ts';

interface Listed {
  readonly list: string;
}

/** `cutover run --list`: runs the devices of the list that the lab can reach, and gives the list back. */
export async function runListed(options: RunOptions & Listed): Promise<number> {
  const { runCampaign } = await import('./run.ts');
  const list = openList(options.list);
  const given = options.given?.filter((name) => name !== 'list');
  const { resume } = options;
  const device = resume === undefined ? selectListed(list, options) : options.device;
  const out = resume === undefined ? options.out : outOf(resume);
  return withList(list, { ...options, out }, () =>
    runCampaign({ ...options, ...(device === undefined ? {} : { device }), ...(given === undefined ? {} : { given }) }),
  );
}

/** `cutover attend --list`: the same for a run that people press. */
export async function attendListed(options: AttendOptions & Listed): Promise<number> {
  const { attend } = await import('./attend/attend.ts');
  // It reads the list itself, and tells what is wrong in it.
  const list = readList(options.list);
  const out = options.resume === undefined ? options.out : outOf(options.resume);
  return withList(list, { ...options, out }, () => attend(options));
}

/** `cutover report --list`: from the runs that there are. */
export async function reportListed(folder: string, options: ReportOptions & Listed): Promise<number> {
  const { reportAgain } = await import('./report.ts');
  const list = openList(options.list);
  return withList(list, { ...options, out: folder }, () => reportAgain(folder, options));
}

interface AnswerOptions extends Pick<GiveBackOptions, 'out' | 'language'> {
  readonly asOf?: Date;
  readonly devices?: string;
}

/** Whatever becomes of the work: what is recorded by then is in the list. */
async function withList(list: DeviceList, options: AnswerOptions, work: () => Promise<number>): Promise<number> {
  const answer = () => {
    const { out, language, asOf = new Date() } = options;
    const runs = existsSync(join(out, 'runs')) ? readRuns(out) : [];
    giveBack(list, runs, { out, language, asOf, known: knownDevices(options.devices) });
  };
  let code: number;
  try {
    code = await work();
  } catch (fault) {
    // The first fault is the one that is told.
    if (existsSync(join(options.out, 'runs'))) tryTo(answer);
    throw fault;
  }
  answer();
  return code;
}

function tryTo(answer: () => void): void {
  try {
    answer();
  } catch (fault) {
    console.error(printable(`cutover: ${fault instanceof Error ? fault.message : String(fault)}`));
  }
}

function openList(path: string): DeviceList {
  const list = readList(path);
  for (const { text } of [...list.doubts, ...list.problems]) console.error(printable(`cutover: ${text}`));
  return list;
}

/** Ids of the devices that the lab can reach, narrowed by --device. */
function selectListed(list: DeviceList, options: RunOptions): readonly string[] {
  const all = readDevices(options.devices ?? DEVICES_FOLDER);
  const { find } = createMatcher(all);
  const matched = list.rows.flatMap((row) => {
    const match = find(row);
    return match.kind === 'matched' ? [match.device] : [];
  });
  const narrowed = options.device === undefined ? null : new Set(findDevices(all, options.device));
  const chosen = matched.filter((d) => isReached(d) && (narrowed?.has(d) ?? true));
  if (chosen.length > 0) return [...new Set(chosen.map((d) => d.id))];
  throw new HarnessFault(
    'no-devices',
    `none of the ${list.rows.length} rows of ${list.path} is a device that the lab can reach`,
    {
      exitCode: 64,
      stage: 'configuration',
      advice:
        '`cutover attend --list` has people press them; `cutover report --catalogue --list` gives the list back with what sources say.',
    },
  );
}

function isReached({ reach }: Device): boolean {
  return reach !== undefined && reach.driver !== 'button';
}

/** Of the folder, which wins, and what the catalogue knows of others. */
function knownDevices(folder: string | undefined): readonly Device[] {
  const shipped = readDevices(DEVICES_FOLDER);
  if (folder === undefined) return shipped;
  return [...new Map([...catalogueOf(shipped), ...readDevices(folder)].map((d) => [d.id, d])).values()];
}

/** The folder of all runs that a run which is gone on with is in. */
function outOf(resume: string): string {
  const path = resolve(resume);
  return basename(dirname(path)) === 'runs' ? dirname(dirname(path)) : path;
}
