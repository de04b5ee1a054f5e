import { nextPress, type Press } from '../../next-press.ts';
import { settingsOf } from '../../next-trial.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Record } from '../../vocabulary/record.ts';
import { type Direction, DIRECTIONS, type Scenario, type Setting } from '../../vocabulary/trial.ts';

/** Which press meets a device next, and why it is asked for. */
export type PlannedPress = Press;

/**
 * Which press is asked of a device next, from its presses so far; null: nothing is left to ask. `notFound`: ids of
 * settings that the person cannot enter.
 */
export type ChoosePress = (
  device: Device,
  presses: readonly Record[],
  notFound: readonly string[],
) => PlannedPress | null;

/** Sending first, then fetching, as far as the device has a setting for either. */
export function createChooser({
  modes,
  scenarios,
}: {
  readonly modes: readonly Mode[];
  readonly scenarios: readonly Scenario[];
}): ChoosePress {
  return (device, presses, notFound) => {
    // Whether a button that brought nothing is pressed again is for the person to say, who was asked.
    const seen = presses.filter((r) => r.cause !== 'never-connected');
    for (const direction of DIRECTIONS) {
      if (settingsFor(device, direction).length === 0) continue;
      const others = othersOf(device, direction).filter((s) => !notFound.includes(s.id));
      const press = nextPress({ device, direction, modes, scenarios, others }, seen);
      if (press !== null) return press;
    }
    return null;
  };
}

function settingsFor(device: Device, direction: Direction): readonly Setting[] {
  const firmware = device.firmware[0]?.version;
  return firmware === undefined ? [] : settingsOf(device, firmware, direction);
}

/** What its file names, and at a device of flesh and blood also what most have: the person says if it does not. */
function othersOf(device: Device, direction: Direction): readonly Setting[] {
  const [configured, ...rest] = settingsFor(device, direction);
  if (configured === undefined || device.reach?.driver !== 'button') return rest;
  const known = [configured, ...rest];
  const usual = USUAL.filter(
    (s) => s.protocol === configured.protocol && !known.some((k) => k.port === s.port && k.security === s.security),
  );
  return [...rest, ...usual.map((s) => (configured.host === undefined ? s : { ...s, host: configured.host }))];
}

/** RFC 8314 sections 3.2 and 3.3; STARTTLS as providers still offer it. */
const USUAL: readonly Setting[] = [
  { id: 'usual-implicit-465', protocol: 'smtp', port: 465, security: 'implicit' },
  { id: 'usual-starttls-587', protocol: 'smtp', port: 587, security: 'starttls' },
  { id: 'usual-implicit-993', protocol: 'imap', port: 993, security: 'implicit' },
  { id: 'usual-starttls-143', protocol: 'imap', port: 143, security: 'starttls' },
  { id: 'usual-implicit-995', protocol: 'pop3', port: 995, security: 'implicit' },
  { id: 'usual-starttls-110', protocol: 'pop3', port: 110, security: 'starttls' },
];
