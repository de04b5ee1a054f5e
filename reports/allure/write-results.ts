import { copyFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSystemWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import type { Status as AllureStatus, StepResult } from 'allure-js-commons';
import { HarnessFault } from '../../harness/faults.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { ReportInput } from '../contract.ts';
import { differencesOf } from '../differences.ts';
import type { File, Status, Step } from './step.ts';
import { describeTrial, type Group, type TrialResult } from './trial-result.ts';

/**
 * Writes one Allure result a question, with its counter-tests and controls as steps; one that lost its question
 * becomes a result of its own, so that nothing is hidden. Returns how many were written.
 *
 * @throws HarnessFault `allure-incomplete` when a result is missing afterwards: Allure's writer drops what it does not
 *   know with no more than a line on stderr.
 */
export async function writeResults(records: readonly Record[], input: ReportInput, folder: string): Promise<number> {
  // Loading Allure takes longer than everything else that a command without a report does.
  const allure = await import('allure-js-commons/sdk/reporter');
  const writer: FileSystemWriter = new allure.FileSystemWriter({ resultsDir: folder });
  // Allure flushes every file to disk, 5 to 9 ms each; the folder takes its place as a whole when all are written.
  writer.writeAttachment = (name, content) => writeFileSync(join(folder, name), content);
  writer.writeAttachmentFromPath = (name, from) => copyFileSync(from, join(folder, name));
  const { Status: statuses } = await import('allure-js-commons');
  const runtime = new allure.ReporterRuntime({ writer });
  const allureStatus: ToAllure = {
    passed: statuses.PASSED,
    failed: statuses.FAILED,
    broken: statuses.BROKEN,
    skipped: statuses.SKIPPED,
  };
  const into = { runtime, allureStatus };
  const groups = groupByQuestion(records);
  const verdicts = new Map(input.verdicts.map((v) => [`${v.device} ${v.direction}`, v]));
  const findDifference = differencesOf(input);
  for (const group of groups) {
    const verdict = verdicts.get(`${group.record.device.id} ${group.record.direction}`);
    writeTrial(into, describeTrial({ ...group, verdict, difference: findDifference(group.record) }, input));
  }
  const written = (await readdir(folder)).filter((name) => name.endsWith('-result.json')).length;
  if (written !== groups.length) {
    throw new HarnessFault('allure-incomplete', `Allure wrote ${written} of ${groups.length} results.`, {
      stage: 'report',
    });
  }
  return written;
}

/** A control belongs to the as-configured questions of its device, firmware and direction. */
export function groupByQuestion(records: readonly Record[]): readonly Omit<Group, 'verdict' | 'difference'>[] {
  return [...Map.groupBy(records, (r) => r.device.id).values()].flatMap(groupOneDevice);
}

function groupOneDevice(records: readonly Record[]): readonly Omit<Group, 'verdict' | 'difference'>[] {
  const sides = records.filter((r) => r.role !== 'question');
  const seen = new Set<Record>();
  const groups = records
    .filter((r) => r.role === 'question')
    .map((record) => ({ record, others: sides.filter((s) => belongsTo(s, record)) }))
    .map(({ record, others }) => ({
      record,
      others,
      files: firstSeen(others, seen),
      elsewhere: records.filter((r) => r.trial === record.trial && r.engine !== record.engine),
    }));
  const lost = sides.filter((s) => !seen.has(s));
  return [...groups, ...lost.map((record) => ({ record, others: [], files: [], elsewhere: [] }))];
}

/** A control is shown with every question of its device; its files once, or they would be most of the page. */
function firstSeen(sides: readonly Record[], seen: Set<Record>): readonly Record[] {
  const fresh = sides.filter((s) => !seen.has(s));
  for (const side of fresh) seen.add(side);
  return fresh;
}

function belongsTo(side: Record, question: Record): boolean {
  if (side.run !== question.run) return false;
  if (side.role === 'counter-test') return side.of === question.trial;
  return (
    question.asConfigured &&
    side.device.id === question.device.id &&
    side.device.firmware === question.device.firmware &&
    side.direction === question.direction
  );
}

/** Allure's own enum: a value import at the top would load the package at every start. */
type ToAllure = { readonly [S in Status]: AllureStatus };

interface Target {
  readonly runtime: ReporterRuntime;
  readonly allureStatus: ToAllure;
}

function writeTrial(into: Target, t: TrialResult): void {
  const { runtime, allureStatus } = into;
  const uuid = runtime.startTest({
    uuid: t.uuid,
    name: t.name,
    fullName: t.fullName,
    // Allure 3 makes its own from the test case; others that read the results take this one.
    historyId: t.testCaseId,
    testCaseId: t.testCaseId,
    titlePath: t.labels.filter((l) => l.name === 'parentSuite' || l.name === 'suite').map((l) => l.value),
    description: t.description,
    labels: [...t.labels],
    parameters: [...t.parameters],
    start: t.startMs,
  });
  for (const step of t.steps) writeStep(into, uuid, undefined, step, t);
  runtime.updateTest(uuid, (result) => {
    result.status = allureStatus[t.status];
    result.statusDetails = { ...(t.message === '' ? {} : { message: t.message }), ...(t.flaky ? { flaky: true } : {}) };
  });
  runtime.stopTest(uuid, { stop: t.stopMs });
  runtime.writeTest(uuid);
}

/** A step has no length: records do not say how long each one took, and the trial's own would be shown for all. */
function writeStep(into: Target, root: string, parent: string | undefined, step: Step, t: TrialResult): void {
  const { runtime, allureStatus } = into;
  const begun: Partial<StepResult> = {
    name: step.name,
    status: allureStatus[step.status],
    parameters: [...(step.parameters ?? [])],
    start: t.startMs,
  };
  const uuid = runtime.startStep(root, parent, begun);
  if (uuid === undefined) return;
  for (const file of step.files ?? []) attach(runtime, root, uuid, file);
  for (const inner of step.steps ?? []) writeStep(into, root, uuid, inner, t);
  runtime.stopStep(uuid, { stop: t.startMs });
}

function attach(runtime: ReporterRuntime, root: string, step: string, file: File): void {
  const content = 'text' in file ? Buffer.from(file.text) : file.path;
  runtime.writeAttachment(root, step, file.name, content, {
    contentType: file.type,
    fileExtension: `.${file.extension}`,
  });
}
