import { existsSync, globSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDevice, readDevices } from '../harness/device-files.ts';
import { type Device, Expectation } from '../harness/vocabulary/device.ts';
import { DIRECTIONS, type Direction } from '../harness/vocabulary/trial.ts';
import { renderTruthTable } from './emulated/truth-table.ts';

const HERE = import.meta.dirname;
const files = globSync('**/*.yaml', { cwd: HERE, exclude: ['**/node_modules/**', 'clients/**'] });
const emulated = readDevices(join(HERE, 'emulated'));

/** One test case a file: an early return in a loop over all of them would end the whole check. */
describe.for(files)('%s', (file) => {
  const device = readDevice(join(HERE, file));

  test('names a recipe that is there', () => {
    if (device.client === undefined) return expect(device.reach).toBeUndefined();
    return expect(clients).toContain(device.client);
  });

  const { driver } = device.reach ?? {};
  const sample = driver === 'emulated' ? testEmulated : driver === 'container' ? testInContainer : null;
  if (sample !== null) test('says what must come out, and is recognisable as a sample', () => sample(device));
});

function testEmulated(device: Device): void {
  expect(device.id).toMatch(/^emu-/);
  expect(device.vendor).toMatch(/^(Muster|Beispiel) /);
  expect(device.model).toMatch(/ \(Beispiel\)$/);
  expect(consoles).toContain(device.reach?.driver === 'emulated' ? device.reach.console : '');
  for (const firmware of device.firmware) {
    expect(firmware.emulated).toBeDefined();
    expect(Object.keys(firmware.expect ?? {}).sort()).toEqual(['legacy', 'strict', 'today']);
  }
  testTruth(device);
}

function testTruth(device: Device): void {
  for (const direction of DIRECTIONS) {
    const verdict = device.truth?.verdict[direction];
    expect(verdict, `verdict for ${direction}`).toBe(followingVerdict(device, direction, 'embedded'));
    const real = device.truth?.realServers?.verdict[direction] ?? verdict;
    expect(real, `on real servers for ${direction}`).toBe(followingVerdict(device, direction, 'containers'));
  }
}

function testInContainer(device: Device): void {
  expect(device.id).toMatch(/^lab-/);
  expect(device.vendor).toMatch(/^(Muster|Beispiel) /);
  expect(device.model).toMatch(/ \(Beispiel\)$/);
  const own = device.reach?.driver === 'container' ? device.reach.image : '';
  const images = device.firmware.map((f) => f.container?.image ?? own);
  for (const image of images) expect(existsSync(join(HERE, 'containers', 'images', image, 'Dockerfile'))).toBe(true);
  for (const firmware of device.firmware) {
    expect(firmware.container).toBeDefined();
    expect(Object.keys(firmware.expect ?? {}).sort()).toEqual(['legacy', 'strict', 'today']);
  }
  testTruth(device);
}

const clients = globSync('clients/*.ts', { cwd: HERE, exclude: ['**/*.test.ts'] }).map((f) => basename(f, '.ts'));
const consoles = globSync('emulated/consoles/*.ts', { cwd: HERE }).map((f) => basename(f, '.ts'));

/** The verdict table of the design, from what the file itself expects: verdict and expectations must not drift apart. */
function followingVerdict(device: Device, direction: Direction, engine: 'embedded' | 'containers'): string | undefined {
  // A relay is another device in the house, no setting of this one.
  const setting = device.settings.filter(
    (s) => (s.protocol === 'smtp') === (direction === 'send') && s.via === undefined,
  );
  if (setting.length === 0) return undefined;
  const [strict, legacy, today] = (['strict', 'legacy', 'today'] as const).map((mode) => expected(device, 0, mode));
  if (strict?.outcome === 'works') return 'works';
  // What TLS a device has is the same with every setting.
  const hasTooOldTls = strict?.cause === 'version-too-old' || strict?.cause?.startsWith('no-shared-') === true;
  if (setting.length > 1 && !hasTooOldTls) return 'works-after-change';
  if (device.firmware.some((_, i) => expected(device, i, 'strict')?.outcome === 'works')) return 'works-after-update';
  if (strict?.outcome !== 'fails') return 'unknown';
  // Mail that falls back to the clear arrives, which is what the owner sees.
  if (legacy?.outcome === 'works' || legacy?.cause === 'plaintext-fallback') return 'legacy-only';
  if (today?.outcome === 'works') return 'stops-working';
  return today?.outcome === 'fails' ? 'fails-already' : 'unknown';

  function expected(of: Device, firmware: number, mode: string): Expectation | undefined {
    const value = of.firmware[firmware]?.expect?.[mode];
    if (value === undefined || 'outcome' in value) return value;
    const byKey = new Map<string, object>(Object.entries(value));
    const forEngine = byKey.get(engine) ?? value;
    const found =
      'outcome' in forEngine ? forEngine : new Map<string, object>(Object.entries(forEngine)).get(direction);
    return found === undefined ? undefined : Expectation.parse(found);
  }
}

describe('the registry', () => {
  test('every YAML file is read as a device, and there are many', () => {
    expect(readDevices(HERE).map((d) => d.id)).toHaveLength(files.length);
    expect(emulated.length).toBeGreaterThanOrEqual(26);
  });

  test('at least six dialects are reached over a terminal, six over SSH, three of those with old algorithms only', () => {
    const over = (carrier: string) =>
      emulated.flatMap((d) => (d.reach?.driver === 'emulated' && d.reach.over === carrier ? [d.reach] : []));
    expect(new Set(over('pty').map((r) => r.console)).size).toBeGreaterThanOrEqual(6);
    expect(new Set(over('ssh').map((r) => r.console)).size).toBeGreaterThanOrEqual(6);
    expect(over('ssh').filter((r) => r.algorithms !== undefined).length).toBeGreaterThanOrEqual(3);
    expect(new Set(over('ssh').map((r) => r.auth))).toEqual(new Set(['password', 'key', 'keyboard-interactive']));
  });

  test('every stack, dialect and recipe is used by a device', () => {
    expect(new Set(emulated.map((d) => d.client))).toEqual(new Set(consoles));
    expect(clients).toEqual(expect.arrayContaining(consoles));
    expect(new Set(emulated.flatMap((d) => d.firmware.map((f) => f.emulated?.stack))).size).toBe(9);
  });
});

describe('the READMEs', () => {
  test('the truth table is the one of the files', () => {
    const readme = readFileSync(join(HERE, 'emulated/README.md'), 'utf8');
    const [, table = ''] = /<!-- truth table -->\n\n([^]*?)\n\n<!-- end -->/.exec(readme) ?? [];
    expect(table).toBe(renderTruthTable(emulated));
  });

  test('the worked example is a valid device file', () => {
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readFileSync(join(HERE, 'README.md'), 'utf8')) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'cutover-example-'));
    try {
      writeFileSync(join(folder, 'torblick-2.yaml'), yaml);
      const device = readDevice(join(folder, 'torblick-2.yaml'));
      expect(device.settings.map((s) => s.id)).toEqual(['starttls-587', 'implicit-465']);
      expect(clients).toContain(device.client);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
