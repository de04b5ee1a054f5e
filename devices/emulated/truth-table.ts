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
    renderVerdict(device, direction),
    ...outcomes,
  ];
}

function renderVerdict({ truth }: Device, direction: Direction): string {
  const other = truth?.realServers?.verdict[direction];
  const own = `**${truth?.verdict[direction] ?? ''}**`;
  return other === undefined || other === truth?.verdict[direction]
    ? own
    : `${own}; on Postfix and Dovecot **${other}**: ${truth?.realServers?.why ?? ''}`;
}

function renderExpected(expected: unknown, direction: Direction): string {
  if (typeof expected !== 'object' || expected === null) return '–';
  const values = new Map<string, unknown>(Object.entries(expected));
  const onContainers = values.get('containers');
  if (onContainers !== undefined)
    return `${renderExpected(values.get('embedded'), direction)}; on Postfix and Dovecot ${renderExpected(onContainers, direction)}`;
  const { outcome, cause } = Expectation.parse(values.get(direction) ?? expected);
  return cause === undefined ? outcome : `${outcome}: ${cause}`;
}

if (import.meta.main) process.stdout.write(`${renderTruthTable(readDevices(import.meta.dirname))}\n`);
