import type { ListedDevice } from '../../attend/desk/render-view.ts';
import { asButton } from '../../attend/desk/as-button.ts';
import { readAttendedList } from '../../attend/desk/read-device-list.ts';
import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import { printable } from '../printable.ts';
import { findDevices } from '../select-devices.ts';

/**
 * The devices of an attended run: those of --list and of --device; without either, those whose files say `button`. Says
 * on stderr what was read of the list, but may be wrong.
 */
export function listDevices(
  { list, device }: { readonly list?: string; readonly device?: readonly string[] },
  all: readonly Device[],
): readonly ListedDevice[] {
  const read = list === undefined ? null : readAttendedList(list, all);
  for (const doubt of read?.doubts ?? []) console.error(printable(`cutover: ${doubt}`));
  const rows = read?.devices ?? [];
  const named = device === undefined ? [] : findDevices(all, device).map(asButton);
  const buttons = list === undefined && device === undefined ? all.filter((d) => d.reach?.driver === 'button') : [];
  const devices: readonly ListedDevice[] = [
    ...rows,
    ...[...named, ...buttons].map((one) => ({ device: one, note: '' })),
  ];
  const twice = devices.find(({ device: { id } }, i) => devices.findIndex((d) => d.device.id === id) !== i);
  if (twice !== undefined)
    throw new HarnessFault('device-twice', `${twice.device.id} is in --list and named by --device`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Name it once.',
    });
  if (devices.length > 0) return devices;
  throw new HarnessFault('no-devices', 'no devices to attend', {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Give a list with --list FILE (.xlsx or .csv), or name device files with --device.',
  });
}
