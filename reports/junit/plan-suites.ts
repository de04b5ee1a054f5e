import type { Comparison, Difference } from '../../harness/vocabulary/comparison.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { ReportInput } from '../contract.ts';
import { deviceName } from '../device-words.ts';
import { expectationOf } from '../matrix/expectation.ts';
import { newestRun } from '../newest-run.ts';
import { type CaseResult, judgeCase } from './judge-case.ts';

/** One device. */
export interface Suite {
  readonly name: string;
  readonly startedAt: string | null;
  readonly properties: readonly Property[];
  readonly cases: readonly Case[];
}

/** One question. */
export interface Case {
  readonly classname: string;
  /** The same in every run, whatever firmware is installed: CI systems recognise a case by it. */
  readonly name: string;
  readonly seconds: number;
  readonly properties: readonly Property[];
  readonly result: CaseResult;
  /** What decided, and where the evidence lies. */
  readonly lines: readonly string[];
}

type Property = readonly [name: string, value: string];

/** The questions of the newest run by device, and what the comparison knows of questions that were not asked. */
export function planSuites(input: ReportInput): readonly Suite[] {
  const run = newestRun(input.runs);
  if (run === undefined) return [];
  const comparison = acceptedComparison(input, run.run);
  const differences = new Map((comparison?.differences ?? []).map((d) => [`${d.trial} ${d.engine}`, d]));
  const files = new Map(input.devices.map((d) => [d.id, d]));
  const questions = input.records.filter((r) => r.run === run.run && r.role === 'question');
  const asked = new Set(questions.map((r) => `${r.trial} ${r.engine}`));
  const unasked = Map.groupBy(
    [...differences].flatMap(([trial, d]) => (asked.has(trial) ? [] : [d])),
    (d) => d.device,
  );
  const byDevice = Map.groupBy(questions, (r) => r.device.id);
  const ids = [...new Set([...byDevice.keys(), ...unasked.keys()])];
  return ids.map((id): Suite => {
    const own = byDevice.get(id) ?? [];
    const device = files.get(id);
    return {
      name: nameOf(id, device, own[0]),
      startedAt: own.map((r) => r.startedAt).sort()[0] ?? null,
      properties: [
        ['device', id],
        ['run', run.run],
        ['firmware', [...new Set(own.map((r) => r.device.firmware))].join(', ') || 'unknown'],
        ['kind', own[0]?.device.kind ?? device?.kind ?? 'unknown'],
        ['emulated', own[0] === undefined ? 'unknown' : String(own[0].device.emulated)],
        ...(comparison === undefined ? [] : [['compared with', comparison.against.name] as const]),
      ],
      cases: [
        ...own.map((record) => caseOf(record, device, differences.get(`${record.trial} ${record.engine}`))),
        ...(unasked.get(id) ?? []).map(unaskedCase),
      ],
    };
  });
}

/** Another run is nothing that anybody has accepted: it decides no exit code, and so no case. */
function acceptedComparison({ comparison }: ReportInput, run: string): Comparison | undefined {
  return comparison?.run === run && comparison.against.kind === 'baseline' ? comparison : undefined;
}

function nameOf(id: string, device: Device | undefined, record: Record | undefined): string {
  const named = device ?? record?.device;
  return named === undefined ? id : `${deviceName(named, 'en')} (${id})`;
}

function caseOf(record: Record, device: Device | undefined, difference: Difference | undefined): Case {
  const { scenario, setting, mode, engine, cause, attachments } = record;
  // The exit code looks at what device files expect of questions as configured only.
  const expected = device === undefined || !record.asConfigured ? undefined : expectationOf(device, record);
  const version = record.device.installed ? '' : ` @${record.device.firmware}`;
  return {
    classname: classOf(record.device.id),
    name: `${scenario}/${setting.id}/${mode}/${engine}${version}`,
    seconds: record.durationMs / 1000,
    properties: [
      ['engine', engine],
      ['firmware', record.device.firmware],
      ['mode', mode],
      ['outcome', record.outcome],
      ['cause', cause ?? 'none'],
      ['attempt', String(record.attempt)],
      ...changeProperties(difference),
    ],
    result: judgeCase(record, expected, difference),
    lines: [...record.because, ...attachments.map((a) => `evidence: runs/${record.run}/${a.path}`)],
  };
}

/** Asked when the state was accepted, or spoken of by an excuse, and not in this run. */
function unaskedCase(difference: Difference): Case {
  const [, scenario = '', setting = '', mode = difference.mode] = difference.trial.split('/');
  return {
    classname: classOf(difference.device),
    name: `${scenario}/${setting}/${mode}/${difference.engine}`,
    seconds: 0,
    properties: [['engine', difference.engine], ['mode', mode], ...changeProperties(difference)],
    result: judgeCase(null, undefined, difference),
    lines: [],
  };
}

function changeProperties(difference: Difference | undefined): readonly Property[] {
  if (difference === undefined) return [];
  const { kind, excuse } = difference;
  return [
    ['change', kind],
    ...(excuse === undefined
      ? []
      : [['excuse', `${excuse.reason} (${excuse.owner}, until ${excuse.expires})`] as const]),
  ];
}

/** Viewers take dots for packages. */
function classOf(device: string): string {
  return `cutover.${device.replaceAll('.', '_')}`;
}
