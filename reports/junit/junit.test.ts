import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { ReportInput } from '../contract.ts';
import { COMPARISON } from '../fixtures/comparison.ts';
import { RECORDS } from '../fixtures/records.ts';
import { RUN, SERVER_RUN } from '../fixtures/run.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { junit } from './junit.ts';
import { planSuites } from './plan-suites.ts';

const out = mkdtempSync(join(tmpdir(), 'cutover-junit-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const Case = z.object({
  classname: z.string(),
  name: z.string(),
  properties: z.record(z.string(), z.string()),
  result: z.string(),
  type: z.string(),
  message: z.string(),
  out: z.string(),
});
const Suite = z.object({ name: z.string(), counts: z.record(z.string(), z.string()), cases: z.array(Case) });

/** Read by another program: Python's expat. */
const READER = `
import sys, json, xml.etree.ElementTree as E
def case(c):
    r = next((x for x in c if x.tag in ('skipped', 'error', 'failure')), None)
    return dict(classname=c.get('classname'), name=c.get('name'), out=c.findtext('system-out') or '',
      properties={p.get('name'): p.get('value') for p in c.iter('property')},
      result='passed' if r is None else r.tag, type='' if r is None else r.get('type'),
      message='' if r is None else r.get('message'))
root = E.parse(sys.argv[1]).getroot()
print(json.dumps([dict(name=s.get('name'), counts=dict(s.attrib), cases=[case(c) for c in s.iter('testcase')])
  for s in root.iter('testsuite')]))
`;

async function write(part: Partial<ReportInput>): Promise<string> {
  expect(await writeAll(sampleInput(out, part), [junit])).toEqual([{ report: 'junit', fault: null }]);
  return join(out, 'junit.xml');
}

async function read(part: Partial<ReportInput>) {
  const file = await write(part);
  const suites = z.array(Suite).parse(JSON.parse(execFileSync('python3', ['-c', READER, file], { encoding: 'utf8' })));
  const cases = suites.flatMap((s) => s.cases);
  return {
    suites,
    find: (device: string, start: string) =>
      cases.find((c) => c.classname === `cutover.${device}` && c.name.startsWith(start))!,
    cases,
  };
}

const XMLLINT = spawnSync('xmllint', ['--version']).status === 0;

test.for([
  ['device files', {}],
  ['a baseline', { comparison: COMPARISON }],
  ['nothing at all', { runs: [], records: [], verdicts: [], devices: [] }],
] as const)('beside %s it holds against the schema', async ([, part], context) => {
  const file = await write(part);
  context.skip(!XMLLINT, 'no xmllint (Debian: libxml2-utils)');
  const checked = spawnSync('xmllint', ['--noout', '--schema', join(import.meta.dirname, 'junit.xsd'), file], {
    encoding: 'utf8',
  });
  expect([checked.status, checked.stderr.trim()]).toEqual([0, `${file} validates`]);
});

test('the schema refuses what it must', (context) => {
  context.skip(!XMLLINT, 'no xmllint (Debian: libxml2-utils)');
  const file = join(out, 'wrong.xml');
  writeFileSync(
    file,
    '<testsuites tests="1" failures="0" errors="0"><testsuite name="a" tests="1" failures="0" errors="0" timestamp="2025-02-01T09:00:00.000Z"/></testsuites>',
  );
  const checked = spawnSync('xmllint', ['--noout', '--schema', join(import.meta.dirname, 'junit.xsd'), file]);
  expect(checked.status).not.toBe(0);
});

test('a suite a device, a case a question, and the totals add up', async () => {
  const { suites } = await read({});
  const questions = RECORDS.filter((r) => r.role === 'question');
  expect(suites.map((s) => s.cases.length)).toEqual(
    [...Map.groupBy(questions, (r) => r.device.id).values()].map((own) => own.length),
  );
  for (const { counts, cases } of suites) {
    const count = (result: string) => String(cases.filter((c) => c.result === result).length);
    expect(counts).toMatchObject({
      tests: String(cases.length),
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
    });
  }
});

test('without a baseline the device file decides: a device that fails as expected passes', async () => {
  const { find } = await read({});
  expect(find('mw-scan-300', 'submit/submit-587/strict').result).toBe('passed');
  expect(find('mw-scan-300', 'submit/submit-587/strict').properties).toMatchObject({
    cause: 'version-too-old',
    engine: 'embedded',
    firmware: '1.0',
    outcome: 'fails',
  });
  const changed = RECORDS.map(
    (r): Record =>
      r.device.id === 'mw-nas-2' && r.mode === 'strict' ? { ...r, outcome: 'fails', cause: 'auth-mechanism' } : r,
  );
  expect((await read({ records: changed })).find('mw-nas-2', 'submit/submit-587/strict')).toMatchObject({
    result: 'failure',
    type: 'not-as-expected',
    message: expect.stringContaining('expected by the device file: works; found: fails (auth-mechanism)'),
  });
});

test('trouble is an error, what was not run is skipped, each with its reason', async () => {
  const { find } = await read({});
  expect(find('mw-door-1', 'submit/submit-587/strict')).toMatchObject({
    result: 'error',
    type: 'never-connected',
    message: 'the tap saw no connection',
  });
  expect(find('mw-door-1', 'submit/submit-587/legacy')).toMatchObject({
    result: 'skipped',
    type: 'not-testable',
    message: 'the engine does not speak SSLv3',
  });
});

test('with a baseline every difference says what was accepted, what was found and why', async () => {
  const { find } = await read({ comparison: COMPARISON });
  expect(find('mw-fax-1', 'submit/submit-587/strict')).toMatchObject({
    result: 'failure',
    type: 'regressed',
    message:
      'regressed: accepted and found: works → fails (no-shared-cipher); because: strict: suites lost TLS_RSA_WITH_AES_128_CBC_SHA',
  });
  expect(find('mw-cam-7', 'submit/plain-25/strict')).toMatchObject({
    result: 'passed',
    properties: { change: 'changed', excuse: 'The camera is replaced in March. (QA, until 2025-03-31)' },
  });
  // In doubt trouble: nobody saw the device connect. The rate is said all the same.
  expect(find('mw-door-1', 'submit/submit-587/strict')).toMatchObject({
    result: 'error',
    message: expect.stringContaining('works → 2 of 4: works; 2 of 4: inconclusive, never-connected'),
  });
  expect(find('mw-router-x', 'submit/submit-587/pilot')).toMatchObject({ result: 'failure', type: 'missing' });
  expect(find('mw-post-3', 'submit/submit-587/strict').result).toBe('passed');
});

test.for([
  ['mw-pbx-5', 'excuse-expired', 'expired on 2025-01-31'],
  ['mw-nas-2', 'excuse-works-again', 'works again: remove it'],
  ['mw-scan-301', 'excuse-matches-nothing', 'matches nothing'],
] as const)('an excuse that is none fails: %s', async ([device, type, message]) => {
  const { find } = await read({ comparison: COMPARISON });
  expect(find(device, 'submit/submit-587/strict')).toMatchObject({
    result: 'failure',
    type,
    message: expect.stringContaining(message),
  });
});

test('the run before is nothing that was accepted: it fails no case', async () => {
  const against = { ...COMPARISON.against, kind: 'run' as const };
  const { cases, find } = await read({ comparison: { ...COMPARISON, against } });
  expect(find('mw-fax-1', 'submit/submit-587/strict').result).toBe('passed');
  expect(cases.flatMap((c) => Object.keys(c.properties))).not.toContain('change');
});

test('it speaks of the newest run, and not of a comparison of another', async () => {
  const later = RECORDS.slice(0, 3).map((r): Record => ({ ...r, run: 'run-2', engine: 'containers' }));
  const { cases } = await read({
    runs: [RUN, SERVER_RUN, { ...RUN, run: 'run-3', watch: { seconds: 600, emulatedSpeed: 60 } }],
    records: [...RECORDS, ...later],
    comparison: COMPARISON,
  });
  expect(cases.map((c) => c.name)).toEqual([
    'submit/submit-587/today/containers',
    'submit/submit-587/strict/containers',
  ]);
  expect(cases.flatMap((c) => Object.keys(c.properties))).not.toContain('change');
});

test('names and texts of devices stay text, and what XML cannot hold is left out', async () => {
  const hostile = `]]></system-out><failure/>&"'<\u0000\u0008\u001b[31m\u009b\ud800\ufffe Müller & Söhne`;
  const records = RECORDS.map((r): Record => ({ ...r, because: [hostile], device: { ...r.device, vendor: hostile } }));
  const file = await write({ records, devices: [] });
  const { suites } = await read({ records, devices: [] });
  expect(suites[0]?.name).toContain(`]]></system-out><failure/>&"'<[31m`);
  expect(suites[0]?.cases[0]?.out).toContain('Müller & Söhne');
  // oxlint-disable-next-line no-control-regex
  expect(readFileSync(file, 'utf8')).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffe]/);
});

test('the same question has the same name with another firmware, and another version that was tried has its own', () => {
  const [record] = RECORDS;
  const nameWith = (firmware: string, installed: boolean) => {
    const trial = `mw-scan-300@${firmware}/submit/submit-587/today/question`;
    const asked = { ...record!, trial, device: { ...record!.device, firmware, installed } };
    return planSuites(sampleInput(out, { records: [asked] }))[0]?.cases[0]?.name;
  };
  expect(nameWith('1.0', true)).toBe('submit/submit-587/today/embedded');
  expect(nameWith('2.0', true)).toBe('submit/submit-587/today/embedded');
  expect(nameWith('2.0', false)).toBe('submit/submit-587/today/embedded @2.0');
});
