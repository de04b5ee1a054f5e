import { expectationOf, isExpected } from '../../reports/matrix/expectation.ts';
import { isTrouble } from '../causes.ts';
import type { Device, Expectation } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import { EXIT } from './exit.ts';

/** Of the answers that there should have been; more than this and the lab, not the devices, is the news. */
const TOO_MUCH_TROUBLE = 0.2;

/**
 * The exit code that follows from what the device files expect of a run's answers. Says each that differs. A control
 * that ended in trouble stands for the questions that it spared.
 *
 * @param records Concluded ones.
 */
export function exitCodeOf(records: readonly Record[], devices: readonly Device[]): number {
  const known = new Map(devices.map((d) => [d.id, d]));
  const answers = records
    .filter((r) => (r.role === 'question' && r.asConfigured) || (r.role === 'control-forgiving' && isTrouble(r.cause)))
    .map((record) => ({ record, expected: expectedOf(record, known.get(record.device.id)) }));
  const differs = answers.filter(({ record, expected }) => expected !== undefined && !isExpected(expected, record));
  for (const { record, expected } of differs) {
    const words = ({ outcome, cause, silent }: Answer) =>
      [outcome, cause, silent === true ? '(silent)' : undefined].filter(Boolean).join(' ');
    console.error(`differs: ${record.trial}: expected ${words(expected ?? record)}, found ${words(record)}`);
  }
  const troubled = answers.filter(
    ({ record, expected }) => isTrouble(record.cause) && expected?.cause !== record.cause,
  );
  if (troubled.length > TOO_MUCH_TROUBLE * answers.length) return EXIT.inconclusive;
  return differs.length > 0 ? EXIT.different : EXIT.expected;
}

type Answer = Pick<Record, 'outcome' | 'cause' | 'silent'>;

function expectedOf(record: Record, device: Device | undefined): Expectation | undefined {
  if (device === undefined) return undefined;
  if (record.role === 'question') return expectationOf(device, record);
  const modes = device.firmware.flatMap((f) => Object.keys(f.expect ?? {}));
  const all = modes.flatMap((mode) => expectationOf(device, { ...record, mode }) ?? []);
  return all.find((e) => e.cause === record.cause) ?? all[0];
}
