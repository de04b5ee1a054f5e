import { HarnessFault } from '../../faults.ts';
import { Device } from '../../vocabulary/device.ts';
import { isEmulated } from '../../vocabulary/emulated.ts';
import type { Setting } from '../../vocabulary/trial.ts';
import type { ListedDevice } from './render-view.ts';

/** Reads a list. */
export function readDeviceList(path: string, _known: readonly Device[]): readonly ListedDevice[] {
  throw new HarnessFault('list-invalid', `${path}: lists are not read yet`);
}

/** The device as a person attends it: what its file leaves open is what most have. */
export function asButton(device: Device): Device {
  if (isEmulated(device)) return device;
  const [installed = { version: UNKNOWN }, ...others] = device.firmware;
  return Device.parse({
    ...device,
    firmware: [installed, ...others],
    settings: device.settings.length === 0 && installed.settings === undefined ? [USUAL] : device.settings,
    reach: device.reach?.driver === 'button' ? device.reach : { driver: 'button' },
  });
}

/** A version that nobody has read off the device. */
const UNKNOWN = 'unknown';
/** RFC 6409: what most devices that send were set up with. */
const USUAL: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
