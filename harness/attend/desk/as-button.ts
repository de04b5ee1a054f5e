import { UNKNOWN_VERSION, USUAL_SETTING } from '../../lists/usual-device.ts';
import { Device } from '../../vocabulary/device.ts';
import { isEmulated } from '../../vocabulary/emulated.ts';

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
