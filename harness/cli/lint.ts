import { readDevices } from '../device-files.ts';
import { DEVICES_FOLDER } from './prepare.ts';

/** `cutover devices lint`: throws the fault that lists every problem; otherwise counts. */
export function lintDevices(folder: string | undefined): number {
  const devices = readDevices(folder ?? DEVICES_FOLDER);
  console.log(`${devices.length} device files are sound.`);
  return 0;
}
