import { createHash } from 'node:crypto';
import type { Record } from '../../harness/vocabulary/record.ts';

/**
 * What Allure takes for the same test in every run: the question, whatever firmware is installed, so that a device
 * which an update breaks has regressed and is not a new one.
 */
export function testCaseIdOf({ trial, device, engine }: Record): string {
  const question = device.installed ? trial.replace(`@${device.firmware}/`, '/') : trial;
  return sha256(`${question} ${engine}`);
}

/** The same for the same record, however often the page is written: addresses of results can be sent on. */
export function resultUuidOf({ run, trial, engine }: Record): string {
  return sha256(`${run} ${trial} ${engine}`);
}

/** The address of a result behind `index.html#`: Allure hashes its uuid. */
export function resultIdOf(record: Record): string {
  return md5(resultUuidOf(record));
}

/** How Allure names a test case inside its configuration. */
export function testCaseNameOf(record: Record): string {
  return md5(testCaseIdOf(record));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Names a thing, protects nothing. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
