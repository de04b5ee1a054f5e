import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readModes } from '../../modes/read-mode.ts';
import { readScenarios } from '../../scenario-files.ts';
import { simulateAttended } from './simulate.ts';
import { playCauses } from './simulate-causes.ts';
import { type Compared, renderSimulation, summarize } from './simulate-table.ts';

afterEach(() => vi.restoreAllMocks());

/** One of each way to end: works, legacy only, another setting, fails already by trace and by bytes, unknown. */
const HANDFUL: readonly (readonly [string, number, string, string | null])[] = [
  ['emu-augenblick-cam send', 1, 'works', null],
  ['emu-augenblick-dome send', 2, 'legacy-only', 'version-too-old'],
  ['emu-druckwerk-update send', 2, 'legacy-only', 'version-too-old'],
  ['emu-kleinrechner-sammler fetch', 1, 'works', null],
  ['emu-kleinrechner-sammler send', 2, 'legacy-only', 'plaintext-only'],
  ['emu-kleinrechner-uhr send', 3, 'fails-already', 'certificate-dates'],
  ['emu-notstrom-classic send', 3, 'unknown', 'version-too-old'],
  ['emu-wachturm-panel send', 2, 'fails-already', 'version-too-old'],
  ['emu-wegweiser-lte send', 2, 'works-after-change', 'plaintext-only'],
];

describe('a played person at emulated devices', () => {
  let code: number;
  let printed: { readonly devices: readonly Compared[]; readonly broken: readonly string[] };

  beforeAll(async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const device = [...new Set(HANDFUL.map(([who]) => who.split(' ')[0] ?? ''))];
    code = await simulateAttended({ device, listen: '127.0.0.1', parallel: 3, json: true });
    vi.restoreAllMocks();
    printed = JSON.parse(written.join(''));
  }, 120_000);

  test('learns the verdict and the cause that each was built for, with as few presses as that takes', () => {
    expect(printed.broken).toEqual([]);
    expect(code).toBe(0);
    const found = printed.devices.map(({ device, direction, adaptive: a }) => [
      `${device} ${direction}`,
      a.presses,
      a.verdict,
      a.cause,
    ]);
    const byName = (rows: readonly unknown[]) => rows.map((r) => JSON.stringify(r)).sort();
    expect(byName(found)).toEqual(byName(HANDFUL));
  });

  test('a fixed order learns the same, and asks for more', () => {
    for (const { adaptive, fixed } of printed.devices) {
      expect([fixed.verdict, fixed.cause]).toEqual([adaptive.verdict, adaptive.cause]);
      expect(fixed.presses).toBeGreaterThan(adaptive.presses);
    }
  });
});

test('every cause is found with four presses at most', async () => {
  const modes = readModes(['today', 'strict', 'legacy']);
  const [forgiving] = readModes(['forgiving']);
  if (forgiving === undefined) throw new Error('no control mode');
  const played = playCauses({ modes, forgiving, scenarios: await readScenarios() });
  expect(new Set(played.map((p) => p.built.cause)).size).toBeGreaterThanOrEqual(17);
  expect(summarize(played).broken).toEqual([]);
});

describe('the summary', () => {
  const learnt = { presses: 2, verdict: 'legacy-only', cause: 'version-too-old', right: true } as const;
  const device: Compared = {
    device: 'd',
    direction: 'send',
    built: { verdict: 'legacy-only', cause: 'version-too-old' },
    worksInStrict: false,
    adaptive: learnt,
    fixed: { ...learnt, presses: 5 },
  };
  const brokenBy = (adaptive: Partial<Compared['adaptive']>, more: Partial<Compared> = {}) =>
    summarize([{ ...device, ...more, adaptive: { ...learnt, ...adaptive } }, device, device]).broken;

  test.for([
    { name: 'nothing', broken: brokenBy({}), says: [] },
    {
      name: 'a second press where strict works',
      broken: brokenBy({}, { worksInStrict: true }),
      says: ['strict works'],
    },
    { name: 'a fifth press', broken: brokenBy({ presses: 5 }), says: ['5 presses, 4 at most'] },
    { name: 'a wrong verdict', broken: brokenBy({ verdict: 'works', right: false }), says: ['found works'] },
  ])('names what breaks a promise: $name', ({ broken, says }) => {
    expect(broken).toHaveLength(says.length);
    for (const [i, words] of says.entries()) expect(broken[i]).toContain(words);
  });

  test('names a median of more than two', () => {
    const slow = { ...device, adaptive: { ...learnt, presses: 3 } };
    expect(summarize([slow, slow, device]).broken).toEqual(['the median is 3 presses, 2 at most are promised']);
    expect(summarize([slow, device]).adaptive.median).toBe(2.5);
  });

  test('shows both protocols side by side, and what was not run', () => {
    const text = renderSimulation([device], summarize([device]), ['lab-x']);
    expect(text).toMatch(/^d send +2 +legacy-only, version-too-old +right +5 +right$/m);
    expect(text).toMatch(/^2 presses +1 +0$/m);
    expect(text).toMatch(/^5 presses +0 +1$/m);
    expect(text).toContain('Not run on this machine: lab-x.');
    expect(text).toContain('Every promise was kept.');
  });
});
