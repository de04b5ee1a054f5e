import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { searchDevices } from '../../reports/lookup/search-devices.ts';
import { readDevices } from '../device-files.ts';
import { readRecipe } from '../drivers/read-recipe.ts';
import { readModes } from '../modes/read-mode.ts';
import { Device } from '../vocabulary/device.ts';
import { runCommandLine } from './main.ts';
import { DEVICES_FOLDER, prepare } from './prepare.ts';

const called = vi.hoisted(() => vi.fn<(...args: readonly unknown[]) => number>(() => 0));
vi.mock('./run.ts', () => ({ runCampaign: called }));
vi.mock('./report.ts', () => ({ reportAgain: called }));
vi.mock('./judge.ts', () => ({ judgeAgain: called }));
vi.mock('./lookup.ts', () => ({ lookUp: called }));
// What is explained is no device to be found.
vi.mock('./explain.ts', () => ({ explain: (text: unknown) => called({ text }) }));
vi.mock('./provider-list.ts', () => ({ showProviderList: called }));
vi.mock('./agreement.ts', () => ({ showAgreement: called }));
vi.mock('./lint.ts', () => ({ lintDevices: called }));
vi.mock('./attend/attend.ts', () => ({ attend: called }));
// A spreadsheet is given back beside the run.
vi.mock('./devices-import.ts', () => ({ importDevices: called }));
vi.mock('./list-run.ts', () => ({ runListed: called, attendListed: called, reportListed: called }));
vi.mock('./baseline.ts', () => ({ acceptBaseline: called, excuseFinding: called, compareAgain: called }));
vi.mock('./diff.ts', () => ({ diffRuns: called }));
vi.mock('./readiness.ts', () => ({ tellReadiness: called }));
vi.mock('./check-serve.ts', () => ({ serveChecks: called }));
vi.mock('./doctor.ts', () => ({ examine: called }));
vi.mock('./merge.ts', () => ({ mergeRuns: (_runs: unknown, options: unknown): unknown => called(options) }));
vi.mock('./purge.ts', () => ({ purgeRuns: called }));
vi.mock('./hosts.ts', () => ({ proveServers: called }));
vi.mock('./refusals.ts', () => ({ compareRefusals: called }));
vi.mock('./images.ts', () => ({ buildNamed: called }));
vi.mock('./guests.ts', () => ({ buildGuests: called }));
vi.mock('./whatif.ts', () => ({ showWhatIf: called }));
vi.mock('./corpus-import.ts', () => ({
  importRecordings: (_files: unknown, options: unknown): unknown => called(options),
}));
beforeEach(() => void called.mockClear());

const ROOT = join(import.meta.dirname, '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(README) ?? [];
const OWN = Device.parse(parse(yaml));

/** Those of devices that people press, at the lab and at a customer's, and of regression runs. */
const TOPICS = ['attend', 'check', 'regression'].map((topic) =>
  readFileSync(join(ROOT, 'harness', topic, 'README.md'), 'utf8'),
);
/** What stands behind two blanks explains the command. */
const COMMANDS = [
  ...[README, ...TOPICS].join('\n').matchAll(/^(?:\$ )?(?:\w+=\S+ )?npx cutover (.+?)(?: {2,}.*)?$/gm),
].map(([, line = '']) => line);

test('the device file of the README is one, and its recipe exists', async () => {
  expect(OWN.settings[0]?.security).toBe('starttls');
  expect(await readRecipe(OWN.client ?? '')).toHaveProperty('submit');
});

test('there are commands', () => {
  expect(COMMANDS.length).toBeGreaterThanOrEqual(6);
});

test.for(COMMANDS)('npx cutover %s', async (line) => {
  const before = process.exitCode;
  await runCommandLine(line.split(' '));
  process.exitCode = before;
  expect(called).toHaveBeenCalledOnce();
  const [first] = called.mock.calls[0] ?? [];
  const known = [...readDevices(DEVICES_FOLDER), OWN];
  if (Array.isArray(first) && first.length > 0) expect(searchDevices(known, first.map(String))[0]?.missed).toEqual([]);
  if (typeof first === 'object' && first !== null && 'device' in first) {
    expect(known.map((d) => d.id)).toEqual(expect.arrayContaining([first.device].flat()));
  }
  if (typeof first === 'object' && first !== null && 'mode' in first && Array.isArray(first.mode)) {
    const own = first.mode.map(String).filter((m) => m.includes('/'));
    const shipped = first.mode.map(String).filter((m) => !m.includes('/'));
    expect(readModes(shipped)).toHaveLength(shipped.length);
    for (const file of own) expect(README).toMatch(new RegExp(`cp harness/modes/strict.yaml ${file.slice(2)} `));
  }
});

test('an unknown command or option would be noticed', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  for (const line of ['devices list', 'run --modes strict']) await runCommandLine(line.split(' '));
  expect(process.exitCode).toBe(64);
  process.exitCode = 0;
  said.mockRestore();
  expect(called).not.toHaveBeenCalled();
});

test('links and named files lead somewhere', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
  const copied = [...README.matchAll(/cp (\S+)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(5);
  for (const path of [...links, ...copied]) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
});

test('the Node that the README asks for is the one that npm is told', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(README).toContain(`any Node from ${String(engines.node).slice(2)} on`);
});

test('an id that no file has: the nearest ones are said', async () => {
  const fault = await prepare({ device: ['emu-druckwerk-mpf'] }).catch((f: unknown) => f);
  expect(fault).toMatchObject({ advice: expect.stringContaining('emu-druckwerk-mfp') });
});
