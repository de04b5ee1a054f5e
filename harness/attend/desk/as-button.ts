import { Device } from '../../vocabulary/device.ts';
import { isEmulated } from '../../vocabulary/emulated.ts';
import type { Setting } from '../../vocabulary/trial.ts';

/** The device as a person attends it: what its file leaves open is what most have. */
export function asButton(device: Device): Device {
  if (isEmulated(device)) return device;
  const [installed = { version: UNKNOWN_VERSION }, ...others] = device.firmware;
  const isSetUp = device.settings.length > 0 || installed.settings !== undefined;
  return Device.parse({
    ...device,
    firmware: [installed, ...others],
    settings: isSetUp ? device.settings : [USUAL_SETTING],
    reach: device.reach?.driver === 'button' ? device.reach : { driver: 'button' },
  });
}

/** A version that nobody has read off the device. */
export const UNKNOWN_VERSION = 'unknown';
/** RFC 6409: what most devices that send were set up with. */
export const USUAL_SETTING: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
