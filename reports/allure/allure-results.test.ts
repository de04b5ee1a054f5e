import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { COMPARISON } from '../fixtures/comparison.ts';
import { RECORDS } from '../fixtures/records.ts';
import { RUN, SERVER_RUN } from '../fixtures/run.ts';
import { TWO_ENGINES } from '../fixtures/verdicts.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { firstLine } from './allure-html.ts';
import { testCaseIdOf } from './identity.ts';
import { renderPageConfig } from './page-config.ts';
import { describeTrial } from './trial-result.ts';
import { allureResults } from './allure-results.ts';
import { planPages } from './plan-pages.ts';
import { findOutside } from './strip-outside.ts';

interface StepShape {
  readonly name: string;
  readonly status: string;
  readonly steps: readonly StepShape[];
  readonly attachments: readonly { readonly name: string; readonly source: string }[];
}
const Step: z.ZodType<StepShape> = z.lazy(() =>
  z.object({
    name: z.string(),
    status: z.string(),
    steps: z.array(Step),
    attachments: z.array(z.object({ name: z.string(), source: z.string() })),
  }),
);
const Result = z.object({
  uuid: z.string(),
  historyId: z.string(),
  testCaseId: z.string(),
  fullName: z.string(),
  description: z.string().optional(),
  name: z.string(),
  status: z.string(),
  start: z.number(),
  stop: z.number(),
  statusDetails: z.object({ message: z.string().optional(), flaky: z.boolean().optional() }),
  labels: z.array(z.object({ name: z.string(), value: z.string() })),
  parameters: z.array(z.object({ name: z.string(), excluded: z.boolean().optional() })),
  steps: z.array(Step),
});

let out = '';
let results: readonly z.infer<typeof Result>[] = [];

async function readResults(): Promise<readonly z.infer<typeof Result>[]> {
  const folder = join(out, 'allure-results');
  const names = (await readdir(folder)).filter((n) => n.endsWith('-result.json'));
  return Promise.all(names.map(async (n) => Result.parse(JSON.parse(await readFile(join(folder, n), 'utf8')))));
}

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'cutover-allure-'));
  const evidence = join(out, 'runs', 'run-1', 'evidence', 'scan');
  await mkdir(evidence, { recursive: true });
  const cast = [
    '{"version":2}',
    '[0.1,"o","\\u001b[1mlogin:\\u001b[0m "]',
    '[0.2,"i","secret"]',
    '[0.3,"o","Error 7\\r\\n"]',
  ];
  await writeFile(join(evidence, 'console.cast'), cast.join('\n'));
  await writeFile(join(evidence, 'wire.pcapng'), Buffer.from([0x0a, 0x0d, 0x0d, 0x0a]));
  expect(await writeAll(sampleInput(out), [allureResults])).toEqual([{ report: 'allure-results', fault: null }]);
  results = await readResults();
});
afterAll(() => rm(out, { recursive: true, force: true }));

const find = (trial: string) => results.find((r) => r.fullName.startsWith(trial))!;

test('one result a question; status is compatibility', () => {
  const questions = RECORDS.filter((r) => r.role === 'question');
  expect(results.map((r) => r.fullName).sort()).toEqual(questions.map((r) => r.trial).sort());
  const status = new Map(results.map((r) => [r.fullName, r.status]));
  const expected = { works: 'passed', fails: 'failed', inconclusive: 'broken', 'not-run': 'skipped' } as const;
  for (const q of questions) expect(status.get(q.trial)).toBe(expected[q.outcome]);
});

test('ids are stable over runs and differ within one; the address of a result is of its record', async () => {
  const before = new Map(results.map((r) => [r.fullName, r]));
  expect(new Set(results.map((r) => r.historyId)).size).toBe(results.length);
  expect(new Set(results.map((r) => r.uuid)).size).toBe(results.length);
  const later = RECORDS.map((r) => ({ ...r, run: 'run-2', startedAt: '2025-02-02T09:00:00.000Z', attempt: 2 }));
  await writeAll(sampleInput(out, { records: later }), [allureResults]);
  for (const r of await readResults()) {
    expect([r.fullName, r.historyId]).toEqual([r.fullName, before.get(r.fullName)?.historyId]);
    expect(r.uuid).not.toBe(before.get(r.fullName)?.uuid);
  }
  await writeAll(sampleInput(out), [allureResults]);
  expect((await readResults()).map((r) => r.uuid).sort()).toEqual(results.map((r) => r.uuid).sort());
});

test('an update does not make another test of a question; a version that is not installed is one', () => {
  const [record] = RECORDS;
  const on = (firmware: string, installed: boolean) => {
    const device = { ...record!.device, firmware, installed };
    return testCaseIdOf({ ...record!, device, trial: `mw-scan-300@${firmware}/submit/submit-587/today/question` });
  };
  expect(on('2.0', true)).toBe(on('1.0', true));
  expect(on('2.0', false)).not.toBe(on('2.0', true));
});

test('what changed is labelled and told, with its reason, every answer of a flaky device, and who answers for it', async () => {
  await writeAll(sampleInput(out, { comparison: COMPARISON }), [allureResults]);
  const compared = await readResults();
  const of = (device: string) =>
    compared.find((r) => r.fullName.startsWith(device) && r.fullName.includes('/strict/'))!;
  const labelsOf = (device: string) => new Map(of(device).labels.map((l) => [l.name, l.value]));
  const textOf = (device: string) => JSON.stringify([of(device).description, of(device).steps]);
  expect(labelsOf('mw-fax-1').get('change')).toBe('regressed');
  expect(textOf('mw-fax-1')).toContain('works → fails (no-shared-cipher)');
  expect(textOf('mw-fax-1')).toContain('strict: suites lost TLS_RSA_WITH_AES_128_CBC_SHA');
  expect(of('mw-door-1').statusDetails.flaky).toBe(true);
  expect(textOf('mw-door-1')).toContain('4-mal unverändert gefragt, 2-mal ging es');
  expect(labelsOf('mw-cam-7').get('excuse')).toBe('accepted');
  expect(textOf('mw-cam-7')).toContain('The camera is replaced in March. (QA, 2025-03-31)');
  expect(labelsOf('mw-nas-2').get('excuse')).toBe('works-again');
  expect(compared.filter((r) => r.statusDetails.flaky === true).map((r) => r.fullName)).toHaveLength(1);
  // Another run was compared: nothing is said of this one.
  await writeAll(sampleInput(out, { comparison: { ...COMPARISON, run: 'run-0' } }), [allureResults]);
  expect((await readResults()).flatMap((r) => r.labels.filter((l) => l.name === 'change'))).toEqual([]);
});

test("times are the trial's, and no parameter is a part of what Allure takes for the same test", () => {
  const record = RECORDS.find((r) => r.trial.startsWith('mw-scan-300@1.0/submit/submit-587/strict/question'))!;
  const result = find(record.trial);
  expect([result.start, result.stop - result.start]).toEqual([Date.parse(record.startedAt), record.durationMs]);
  expect(result.testCaseId).toBe(result.historyId);
  expect(result.parameters.filter((p) => p.excluded !== true)).toEqual([]);
});

test('labels carry what people filter by', () => {
  const labels = new Map(
    find('mw-scan-300@1.0/submit/submit-587/strict/question').labels.map((l) => [l.name, l.value]),
  );
  expect(Object.fromEntries(labels)).toMatchObject({
    parentSuite: 'Nach der Umstellung',
    suite: 'Musterwerk Scan 300',
    device: 'Musterwerk Scan 300',
    cause: 'version-too-old',
    mode: 'strict',
    engine: 'embedded',
    kind: 'mfp',
    verdict: 'legacy-only',
    emulated: 'true',
  });
});

test('a failed question shows bytes, dialogue, server, device, counter-test, controls and files', async () => {
  const result = find('mw-scan-300@1.0/submit/submit-587/strict/question');
  expect(result.statusDetails.message).toBe('Veraltete TLS-Version\noffers TLS 1.0 at most, the mode wants 1.2');
  const flat = (steps: readonly StepShape[]): readonly StepShape[] => steps.flatMap((s) => [s, ...flat(s.steps)]);
  const names = flat(result.steps)
    .map((s) => s.name)
    .join('\n');
  for (const part of [
    'Verbindung 1: bietet TLS 1.0 an, Alarm 70 von der Serverseite',
    '→ STARTTLS',
    '← 220 ready',
    'TLS-Alarm: server, 70 protocol_version (fatal), 12 ms',
    'TLS error: unsupported protocol',
    'Error 7',
    'Gegenprobe: tls.min: 1.2 → 1.0: geht',
    'Kontrolle: nachgiebiger Server: geht',
    'Kontrolle: abgewiesene Verbindung: abgewiesen, wie erwartet',
    'gone.log: Datei nicht mehr vorhanden',
  ]) {
    expect(names).toContain(part);
  }
  const files = new Map(flat(result.steps).flatMap((s) => s.attachments.map((a) => [a.name, a.source])));
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['ClientHello, erklärt', 'console.txt', 'console.cast', 'wire.pcapng']),
  );
});

test('a transcript is readable as text, without control sequences and without what was typed', async () => {
  await writeAll(sampleInput(out), [allureResults]);
  const folder = join(out, 'allure-results');
  const texts = await Promise.all(
    (await readdir(folder)).filter((n) => n.endsWith('.txt')).map((n) => readFile(join(folder, n), 'utf8')),
  );
  expect(texts).toContain('login: Error 7\n');
});

test('a control or counter-test that lost its question is still shown', async () => {
  const sides = RECORDS.filter((r) => r.role !== 'question');
  await writeAll(sampleInput(out, { records: sides }), [allureResults]);
  expect((await readResults()).map((r) => r.fullName).sort()).toEqual(sides.map((r) => r.trial).sort());
});

test('pages are split by kind beyond the limits, devices stay whole, nothing is lost', () => {
  expect(planPages(RECORDS)).toEqual([{ part: null, records: RECORDS }]);
  const byKind = planPages(RECORDS, { results: 20, notPassed: 600 });
  expect(byKind.map((p) => p.part)).toEqual([...new Set(RECORDS.map((r) => r.device.kind))].sort());
  const pieces = planPages(RECORDS, { results: 20, notPassed: 0 });
  for (const pages of [byKind, pieces]) {
    expect(pages.flatMap((p) => p.records.map((r) => r.trial)).sort()).toEqual(RECORDS.map((r) => r.trial).sort());
    for (const id of new Set(RECORDS.map((r) => r.device.id))) {
      expect(pages.filter((p) => p.records.some((r) => r.device.id === id))).toHaveLength(1);
    }
  }
});

test.for([
  '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>',
  '<script>gtag("js")</script>',
  '<script src="//cdn.example/x.js"></script>',
  '<link rel="stylesheet" href="https://fonts.example/css">',
  '<img alt="a" src=https://pixel.example/1.gif>',
  '<style>@import "https://fonts.example/a.css"</style>',
  '<style>a { background: url(//pixel.example/1) }</style>',
  `<script src="data:text/javascript;base64,${Buffer.from('window.dataLayer=[]').toString('base64')}"></script>`,
])('%s would ask another host', (page) => {
  expect(findOutside(page)).not.toBeNull();
});

test('links that a person clicks and namespaces are fine', () => {
  expect(findOutside('<a href="https://altwerk.example/">x</a><svg xmlns="http://www.w3.org/2000/svg">')).toBeNull();
});

test('names are words of the page: an id only for a scenario of a user', async () => {
  const names = results.map((r) => r.name);
  expect(names.filter((name) => /submit|fetch/.test(name))).toEqual([]);
  expect(names).toContain('Senden STARTTLS 587 · Nach der Umstellung · Musterwerk Scan 300');
  const [first] = RECORDS;
  const named = (scenario: string, language: 'de' | 'en') => {
    const group = { record: { ...first!, scenario }, others: [], verdict: undefined, files: [], elsewhere: [] };
    return describeTrial(group, sampleInput(out, { language })).name.split(' · ').at(-1);
  };
  expect([named('scan-10mb', 'de'), named('scan-10mb', 'en')]).toEqual(['Scan von 10 MB', 'scan of 10 MB']);
  expect(named('night-shift', 'de')).toBe('night-shift');
  const relayed = { ...first!, asConfigured: false, setting: { ...first!.setting, via: 'relay' as const } };
  const group = { record: relayed, others: [], verdict: undefined, files: [], elsewhere: [] };
  expect(describeTrial(group, sampleInput(out)).name).toContain('587 (über ein Relais)');
});

test('beside what decided stands how far predictions are as measured', () => {
  const verdict = { ...TWO_ENGINES.verdicts[0]!, predictions: { agree: 12, of: 12, notPredicted: 3 } };
  const group = { record: RECORDS[0]!, others: [], verdict, files: [], elsewhere: [] };
  const { description } = describeTrial(group, sampleInput(out, { language: 'en' }));
  expect(description).toContain(
    '**Predicted from its hello, for comparison:** 12 of 12 as measured, 3 cannot be predicted',
  );
});

test('the control stands behind the policies', () => {
  const control = { ...RUN.modes[0]!, id: 'forgiving', purpose: 'control' as const };
  const input = sampleInput(out, { policies: [control, ...RUN.modes] });
  const modes = ['forgiving', 'today', 'strict', 'legacy'];
  const options = { output: out, part: null, singleFile: true, modes, history: '', records: [] };
  const config = renderPageConfig(input, options);
  expect([...config.matchAll(/^ +"([a-z]+)": \{ name/gm)].map(([, id]) => id)).toEqual([
    'today',
    'strict',
    'legacy',
    'forgiving',
  ]);
});

test('of what Allure says when it fails, one line without colours is passed on', () => {
  const said =
    'file:///x/y.js:3\n  throw new Error();\n\n\u001b[31mError: EACCES: no such\u001b[39m\n    at open (node:fs:1)\n';
  expect(firstLine(said)).toBe('Error: EACCES: no such');
  expect(firstLine('\u001b[1mno results\u001b[22m\n    at x')).toBe('no results');
});

test('a trial shows what other engines answered, and what its own servers are known for', async () => {
  const router = RECORDS.filter((r) => r.device.id === 'mw-router-x');
  const lenient = router
    .filter((r) => r.role === 'question' && r.mode === 'strict' && r.outcome === 'fails')
    .map((r) => {
      const { cause: _, ...own } = r;
      return { ...own, run: 'run-2', engine: 'containers' as const, outcome: 'works' as const };
    });
  const input = sampleInput(out, { ...TWO_ENGINES, runs: [RUN, SERVER_RUN], records: [...router, ...lenient] });
  await writeAll(input, [allureResults]);
  const same = (await readResults()).filter((r) => r.fullName === lenient[0]!.trial);
  expect(same.map((r) => r.status).sort()).toEqual(['failed', 'passed']);
  // Two entries of one name would look like a result that changes by itself.
  expect(new Set(same.map((r) => r.name.split(' · ')[2]))).toEqual(new Set(['containers', 'embedded']));
  for (const { description } of same) {
    expect(description).toContain('containers works; embedded works-after-update (no-shared-signature)');
  }
  const stepsOf = (status: string) => same.find((r) => r.status === status)!.steps;
  expect(stepsOf('failed').map((s) => s.name)).toContain('Dieselbe Frage auf der Engine containers: geht');
  expect(stepsOf('failed').map((s) => s.name)).not.toContain('Eigenheiten dieses Servers');
  const traits = stepsOf('passed').find((s) => s.name === 'Eigenheiten dieses Servers');
  expect(traits?.steps.map((s) => s.name)).toEqual(['Postfix takes clients that sign with SHA-1.']);
});
