import { readDevices } from '../../harness/device-files.ts';
import { type Device, Expectation } from '../../harness/vocabulary/device.ts';
import { DIRECTIONS, type Direction } from '../../harness/vocabulary/trial.ts';

/**
 * The emulated devices as a Markdown table: what each is built from, and what follows. It stands in README.md, where a
 * test compares it. `node devices/emulated/truth-table.ts` prints it.
 */
export function renderTruthTable(devices: readonly Device[]): string {
  const rows = devices.flatMap((device) =>
    DIRECTIONS.filter((direction) => device.truth?.verdict[direction] !== undefined).map((direction) =>
      renderRow(device, direction),
    ),
  );
  const head = ['device', 'stack', 'why', 'verdict', 'today', 'legacy', 'strict'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const MODES = ['today', 'legacy', 'strict'] as const;

function renderRow(device: Device, direction: Direction): readonly string[] {
  const [installed, ...others] = device.firmware;
  const outcomes = MODES.map((mode) => renderExpected(installed?.expect?.[mode], direction));
  return [
    `\`${device.id}\` ${direction}`,
    [installed, ...others].map((firmware) => firmware?.emulated?.stack ?? '').join(' → '),
    (device.truth?.built ?? '').replaceAll('|', '\\|'),
    `**${device.truth?.verdict[direction] ?? ''}**`,
    ...outcomes,
  ];
}

function renderExpected(expected: unknown, direction: Direction): string {
  if (typeof expected !== 'object' || expected === null) return '–';
  const inner = Object.entries(expected).find(([key]) => key === direction)?.[1];
  const { outcome, cause } = Expectation.parse(inner ?? expected);
  return cause === undefined ? outcome : `${outcome}: ${cause}`;
}

if (import.meta.main) process.stdout.write(`${renderTruthTable(readDevices(import.meta.dirname))}\n`);
