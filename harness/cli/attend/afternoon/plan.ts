import { writeFileSync } from 'node:fs';
import { SAMPLES } from '../../../attend/photos/samples.ts';
import type { AttendedDevice } from '../../../vocabulary/attend.ts';
import type { Device } from '../../../vocabulary/device.ts';
import type { Mistake } from './person.ts';

export type Problem = NonNullable<AttendedDevice['problem']>;

/**
 * Whose mistake is made at which device, and what the page says of it: one of these, as somebody else may have tried a
 * port that is nobody's meanwhile, or the harness may have been killed before. It may cost a verdict only where a
 * person never asked for one.
 */
export const MISTAKES: Readonly<
  Record<string, { readonly mistake: Mistake; readonly shown: readonly Problem[]; readonly costs?: 'verdict' }>
> = {
  'emu-augenblick-cam': { mistake: 'presses-twice', shown: [] },
  'emu-notstrom-ups': { mistake: 'presses-twice', shown: [] },
  'emu-augenblick-mini': { mistake: 'presses-another', shown: ['nothing-came', 'wrong-port', 'restarted'] },
  'emu-wegweiser-alt': { mistake: 'presses-another', shown: ['nothing-came', 'wrong-port', 'restarted'] },
  'emu-fernruf-pbx': { mistake: 'forgets-to-press', shown: ['nothing-came', 'wrong-port', 'restarted'] },
  'emu-wachturm-panel': { mistake: 'forgets-to-press', shown: ['nothing-came', 'wrong-port', 'restarted'] },
  'emu-druckwerk-abruf': { mistake: 'mistypes-the-port', shown: ['wrong-port', 'nothing-came', 'restarted'] },
  'emu-hausbote-bridge': { mistake: 'mistypes-the-port', shown: ['wrong-port', 'nothing-came', 'restarted'] },
  'emu-faxwerk-thermo': { mistake: 'presses-before-the-page-is-told', shown: [] },
  'emu-druckwerk-mfp': { mistake: 'gives-it-another-address', shown: [] },
  'emu-augenblick-dome': { mistake: 'gives-it-another-address', shown: [] },
  'emu-druckwerk-update': { mistake: 'loses-the-network', shown: [] },
  'emu-netzweber-switch': { mistake: 'loses-the-network', shown: [] },
  'emu-faxwerk-laser': { mistake: 'takes-a-photo', shown: [] },
  'emu-wegweiser-router': { mistake: 'takes-a-photo', shown: [] },
  'emu-kleinrechner-sammler': { mistake: 'skips-and-comes-back', shown: [] },
  'emu-zaehlwerk-plc': { mistake: 'skips', shown: [], costs: 'verdict' },
};

/** Their network is down, or their firmware hangs before it dials. */
export const NEVER_CONNECT: ReadonlySet<string> = new Set(['emu-netzweber-debug', 'emu-wachturm-funk']);

export const PICTURE = Buffer.from(SAMPLES.jpeg, 'base64');
export const CAMERA_OWNER = Buffer.from('Kamera von Frau Muster, 48.137 N 11.575 E');
/** As a telephone writes it: a comment segment (ITU-T T.81 section B.2.4.5) behind the start of the image. */
export const PHOTO = Buffer.concat([
  PICTURE.subarray(0, 2),
  Buffer.from([0xff, 0xfe, 0, CAMERA_OWNER.length + 2]),
  CAMERA_OWNER,
  PICTURE.subarray(2),
]);

/** A spreadsheet as an office keeps it. Two models stand in it twice. */
export function writeList(path: string, all: readonly Device[]): string {
  const emulated = all.filter((d) => d.reach?.driver === 'emulated');
  const again = emulated.filter((d) => ['emu-augenblick-cam', 'emu-druckwerk-mfp'].includes(d.id));
  const rows = [...emulated, ...again].map((d, i) => `${d.vendor};${d.model};Raum ${i + 1};INV-${100 + i}`);
  writeFileSync(path, `\uFEFF${['Hersteller;Modell;Standort;Inventarnummer', ...rows].join('\r\n')}\r\n`);
  return path;
}
