import { expectationOf, isExpected } from '../../reports/matrix/expectation.ts';
import { isTrouble } from '../causes.ts';
import type { Device, Expectation } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import { EXIT } from './exit.ts';

/** Of the answers that there should have been; more than this and the lab, not the devices, is the news. */
const TOO_MUCH_TROUBLE = 0.2;

/** What a run is compared with in place of device files, where it knows a question; undefined: it does not. */
export type AcceptedFinding = (record: Record) => Pick<Record, 'outcome' | 'cause' | 'silent'> | undefined;

/**
 * The exit code that follows from what the device files expect of a run's answers. Says each that differs. A control
 * that ended in trouble stands for the questions that it spared.
 *
 * @param records Concluded ones.
 * @param accepted Of a run with a baseline; what differs from that is said elsewhere.
 */
export function exitCodeOf(
  records: readonly Record[],
  devices: readonly Device[],
  accepted: AcceptedFinding = () => undefined,
): number {
  const answers = answersOf(records, devices);
  const differs = answers.filter(
    ({ record, expected }) => expected !== undefined && accepted(record) === undefined && !isExpected(expected, record),
  );
  for (const { record, expected } of differs) {
    const words = ({ outcome, cause, silent }: Answer) =>
      [outcome, cause, silent === true ? '(silent)' : undefined].filter(Boolean).join(' ');
    console.error(`differs: ${record.trial}: expected ${words(expected ?? record)}, found ${words(record)}`);
  }
  if (areInTrouble(answers, accepted)) return EXIT.inconclusive;
  return differs.length > 0 ? EXIT.different : EXIT.expected;
}

/** Whether too much of a run is inconclusive that should not be. */
export function isInTrouble(records: readonly Record[], devices: readonly Device[]): boolean {
  return areInTrouble(answersOf(records, devices), () => undefined);
}

function areInTrouble(answers: readonly Expected[], accepted: AcceptedFinding): boolean {
  const troubled = answers.filter(
    ({ record, expected }) => isTrouble(record.cause) && (accepted(record) ?? expected)?.cause !== record.cause,
  );
  return troubled.length > TOO_MUCH_TROUBLE * answers.length;
}

/** With reports that could not be written nothing is as expected; says so. */
export function withReports(code: number, written: boolean): number {
  if (written || code !== EXIT.expected) return code;
  console.error('cutover: exit code 1, because a report could not be written. `cutover report` writes them again.');
  return EXIT.different;
}

interface Expected {
  readonly record: Record;
  readonly expected: Expectation | undefined;
}

function answersOf(records: readonly Record[], devices: readonly Device[]): readonly Expected[] {
  const known = new Map(devices.map((d) => [d.id, d]));
  return records
    .filter((r) => (r.role === 'question' && r.asConfigured) || (r.role === 'control-forgiving' && isTrouble(r.cause)))
    .map((record) => ({ record, expected: expectedOf(record, known.get(record.device.id)) }));
}

type Answer = Pick<Record, 'outcome' | 'cause' | 'silent'>;

function expectedOf(record: Record, device: Device | undefined): Expectation | undefined {
  if (device === undefined) return undefined;
  if (record.role === 'question') return expectationOf(device, record);
  const modes = device.firmware.flatMap((f) => Object.keys(f.expect ?? {}));
  const all = modes.flatMap((mode) => expectationOf(device, { ...record, mode }) ?? []);
  return all.find((e) => e.cause === record.cause) ?? all[0];
}
