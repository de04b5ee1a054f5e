import { pressesOf } from '../../../attend/desk/press-result.ts';
import type { Device } from '../../../vocabulary/device.ts';
import type { Mode } from '../../../vocabulary/mode.ts';
import type { Record as Recorded } from '../../../vocabulary/record.ts';
import { type Direction, DIRECTIONS } from '../../../vocabulary/trial.ts';
import type { Button } from './button.ts';
import { MISTAKES } from './plan.ts';
import { compare, type Compared } from '../simulate-table.ts';

/** What an afternoon in an office cannot see of how a device is built, and what it sees instead. */
const SEEN_OTHERWISE: Readonly<{ [device: string]: Pick<Compared['built'], 'verdict' | 'cause'> }> = {
  // Any password is let in, and the page's have eight digits: its field of 16 characters holds them.
  'emu-augenblick-short': { verdict: 'works', cause: null },
  // It hangs up without a word on a root that is not its factory's, and here no server can show that one.
  'emu-kleinrechner-box': { verdict: 'unknown', cause: 'connection-dropped' },
};

export interface Row {
  readonly who: string;
  readonly device: string;
  readonly direction: Direction;
  readonly built: Compared['built'];
  readonly found: Compared['adaptive'];
  readonly isRight: boolean;
  readonly results: number;
  /** Presses that somebody meant. */
  readonly asked: number;
  /** A person had it in hand when the harness was killed. */
  readonly inHand: boolean;
  readonly costs: 'verdict' | null;
}

export interface Afternoon {
  readonly devices: readonly Device[];
  readonly modes: readonly Mode[];
  readonly records: readonly Recorded[];
  readonly buttons: ReadonlyMap<string, Button>;
  readonly inHand: readonly string[];
}

/** One a device and direction. */
export function rowsOf({ devices, modes, records: all, buttons, inHand }: Afternoon): readonly Row[] {
  return devices.flatMap((device) =>
    DIRECTIONS.filter((direction) => device.truth?.verdict[direction] !== undefined).map((direction) => {
      const records = all.filter((r) => r.device.id === device.id && r.direction === direction);
      const compared = compare({ device, direction, modes, adaptive: records, fixed: records });
      const built = SEEN_OTHERWISE[device.id] ?? compared.built;
      const found = compared.adaptive;
      return {
        who: `${device.id} ${direction}`,
        device: device.id,
        direction,
        built,
        found,
        isRight: found.verdict === built.verdict && (found.cause === built.cause || isOpen(built)),
        results: pressesOf(records).length,
        asked: (buttons.get(device.id)?.presses ?? []).filter((p) => p.direction === direction && !p.byMistake).length,
        inHand: inHand.includes(device.id),
        costs: MISTAKES[device.id]?.costs ?? null,
      };
    }),
  );
}

/** Built so that nobody can tell: there is no cause to be right about. */
function isOpen({ verdict, cause }: Pick<Compared['built'], 'verdict' | 'cause'>): boolean {
  return verdict === 'unknown' && cause === null;
}

export function renderRow({ who, device, built, found, isRight, results, asked, inHand }: Row): string {
  const sign = isRight ? ' ' : found.verdict === 'unknown' ? '?' : '!';
  const words = (v: Pick<Compared['built'], 'verdict' | 'cause'>) => `${v.verdict} ${v.cause ?? ''}`.trim();
  const about = [MISTAKES[device]?.mistake ?? '', inHand ? 'in hand at the kill' : ''].join(' ');
  return `${sign} ${who.padEnd(36)} ${asked} pressed ${results} judged ${words(found)} (built: ${words(built)}) ${about}`;
}
