import { relative } from 'node:path';
import { contradictions } from '../claim-rules.ts';
import { expiryOf } from '../claims.ts';
import { type DeviceFile, readDeviceFiles, readDevices } from '../device-files.ts';
import { DEVICES_FOLDER } from './prepare.ts';

/**
 * `cutover lint`: throws the fault that lists every problem; otherwise counts, and hints at claims that contradict each
 * other or have to be read again.
 */
export function lintDevices(folder: string | undefined): number {
  const systems =
    folder === undefined ? [] : readDevices(DEVICES_FOLDER).flatMap((d) => (d.kind === 'os' ? [d.id] : []));
  const files = readDeviceFiles(folder ?? DEVICES_FOLDER, { systems });
  const today = new Date().toISOString().slice(0, 10);
  const claims = files.flatMap(({ device, path }) => device.claims.map((claim, i) => ({ claim, i, path })));
  const stale = claims.filter(({ claim }) => expiryOf(claim) < today);
  for (const hint of files.flatMap(hintsOf)) console.log(hint);
  for (const { claim, i, path } of stale)
    console.log(`hint: ${shown(path)}: claims[${i}]: read on ${claim.source.date}; read ${claim.source.url} again`);
  console.log(`${files.length} device files are sound; ${claims.length} claims, ${stale.length} of them stale.`);
  return 0;
}

function hintsOf({ device, path }: DeviceFile): readonly string[] {
  return contradictions(device).map((list) => {
    const which = list.map((i) => `[${i}]`).join(', ');
    return `hint: ${shown(path)}: claims ${which} contradict each other under the same condition; the answer is unknown`;
  });
}

function shown(path: string): string {
  return relative(process.cwd(), path);
}
