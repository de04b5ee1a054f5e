import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectationOf } from '../reports/matrix/expectation.ts';
import { runDevice } from '../harness/campaign.ts';
import { concludeAll } from '../harness/cli/conclusions.ts';
import { prepare } from '../harness/cli/prepare.ts';
import { labOf, openRunLab, type RunLab } from '../harness/cli/run-lab.ts';
import { installStacks } from '../harness/cli/stacks.ts';
import { openRunFolder, type RunFolder } from '../harness/records.ts';

/**
 * The regression view: one test a device, failing where a finding is not what its file expects. The verdicts for
 * customers come from `cutover run`, not from here.
 */
const { plans, devices, modes, missing, leftOut } = await prepare({});
if (leftOut !== null) console.error(leftOut);

describe('devices find what their files expect', () => {
  const closing = new AbortController();
  let runLab: RunLab;
  let folder: RunFolder;
  let out: string;
  // vitest ends the process on Ctrl-C before anything is closed: close first.
  const stop = () => closing.abort(new DOMException('stopped', 'AbortError'));

  beforeAll(async () => {
    process.prependListener('SIGINT', stop);
    await installStacks(devices, closing.signal);
    const about = { modes, devices, missing, engine: 'embedded' as const, listen: '127.0.0.1' };
    runLab = await openRunLab({ ...about, signal: closing.signal });
    out = mkdtempSync(join(tmpdir(), 'cutover-scenarios-'));
    folder = openRunFolder(out, 'scenarios');
  });
  afterAll(async () => {
    process.off('SIGINT', stop);
    folder[Symbol.dispose]();
    await runLab[Symbol.asyncDispose]();
    rmSync(out, { recursive: true });
  });

  test.for(plans.map((plan) => [plan.device.id, plan] as const))('%s', async ([, plan]) => {
    const { signal } = closing;
    const lab = labOf(runLab, folder, { signal, onRecord: () => {}, keepBodies: false, allowPrograms: false });
    const records = await runDevice(plan, lab);
    const questions = concludeAll(records, modes).records.filter((r) => r.role === 'question' && r.asConfigured);
    const found = questions.map((r) => ({ trial: r.trial, outcome: r.outcome, cause: r.cause }));
    const expected = questions.map((r) => {
      const expectation = expectationOf(plan.device, r);
      return {
        trial: r.trial,
        outcome: expectation?.outcome ?? r.outcome,
        cause: expectation === undefined ? r.cause : expectation.cause,
      };
    });
    expect(found).toEqual(expected);
  });
});
