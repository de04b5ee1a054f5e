import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Direction, Setting } from '../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import type { Report, ReportInput } from '../contract.ts';
import { outcomesOf, renderOutcome } from '../outcomes.ts';
import { otherAnswers, renderWord } from '../other-engines.ts';
import { scheduleOf } from '../phase.ts';
import { configuredSetting, hostFor } from '../situation.ts';
import { renderCsv } from './csv.ts';

/** matrix.csv: one row a device and direction, for spreadsheets and programs. English words of the files. */
export const matrix: Report = {
  id: 'matrix',
  files: ['matrix.csv'],
  async write(input, folder) {
    await writeFile(join(folder, 'matrix.csv'), renderMatrix(input));
  },
};

export function renderMatrix(input: ReportInput): string {
  const modes = [
    ...new Set(['today', 'strict', 'legacy', ...input.records.filter((r) => r.role === 'question').map((r) => r.mode)]),
  ];
  const head = [...COLUMNS.map(([name]) => name), ...modes];
  const find = outcomesOf(input.records);
  const rows = rowsOf(input).map((row) => [
    ...COLUMNS.map(([, read]) => read(row)),
    ...modes.map((mode) => renderOutcome(find(row.id, row.direction, mode))),
  ]);
  return renderCsv([head, ...rows]);
}

interface Row {
  readonly id: string;
  readonly direction: Direction;
  readonly device: Device | undefined;
  readonly verdict: Verdict | undefined;
  readonly host: string | null;
  /** Different answers of other engines. */
  readonly others: readonly Verdict[];
}

type Column = readonly [name: string, read: (row: Row) => string];

const COLUMNS: readonly Column[] = [
  ['device', (r) => r.id],
  ['vendor', (r) => r.device?.vendor ?? ''],
  ['model', (r) => r.device?.model ?? ''],
  ['kind', (r) => r.device?.kind ?? ''],
  ['firmware', (r) => r.verdict?.firmware ?? r.device?.firmware[0]?.version ?? ''],
  ['direction', (r) => r.direction],
  ['verdict', (r) => r.verdict?.verdict ?? 'unknown'],
  ['basis', (r) => r.verdict?.basis ?? ''],
  ['emulated', (r) => (r.verdict === undefined ? '' : String(r.verdict.emulated))],
  ['causes', (r) => r.verdict?.causes.join(' ') ?? ''],
  ['confidence', (r) => r.verdict?.confidence ?? ''],
  ['set_host', (r) => r.host ?? ''],
  ['set_port', (r) => String(r.verdict?.setting?.port ?? '')],
  ['set_security', (r) => r.verdict?.setting?.security ?? ''],
  ['update', (r) => r.verdict?.update ?? ''],
  ['legacy_until', (r) => r.verdict?.until ?? ''],
  ['legacy_encrypted', (r) => String(r.verdict?.encrypted ?? '')],
  ['remedies', (r) => r.verdict?.remedies.join(' ') ?? ''],
  ['relay_measured', (r) => renderRelay(r.verdict?.relay)],
  ['engine', (r) => r.verdict?.engine ?? ''],
  ['other_engines', (r) => r.others.map((o) => `${o.engine}: ${renderWord(o)}`).join('; ')],
  ['measured_at', (r) => r.verdict?.measuredAt ?? ''],
  ['expires_at', (r) => r.verdict?.expiresAt ?? ''],
];

/** What the device was told to use at the relay: `465 implicit`. */
function renderRelay(relay: Setting | undefined): string {
  return relay === undefined ? '' : `${relay.port} ${relay.security}`;
}

/** Every verdict, then the directions of devices that nobody tested. */
function rowsOf(input: ReportInput): readonly Row[] {
  const { strict } = scheduleOf(input.policies, input.asOf);
  const files = new Map(input.devices.map((d) => [d.id, d]));
  const judged = input.verdicts.map(
    (verdict): Row => ({
      id: verdict.device,
      direction: verdict.direction,
      device: files.get(verdict.device),
      verdict,
      host: verdict.setting === undefined ? null : hostFor(verdict.setting, strict),
      others: otherAnswers(verdict, input.outranked),
    }),
  );
  const done = new Set(judged.map((r) => `${r.id} ${r.direction}`));
  const open = input.devices.flatMap((device) =>
    (['send', 'fetch'] as const)
      .filter((d) => !done.has(`${device.id} ${d}`) && configuredSetting(device, d) !== undefined)
      .map((direction): Row => ({ id: device.id, direction, device, verdict: undefined, host: null, others: [] })),
  );
  return [...judged, ...open];
}
