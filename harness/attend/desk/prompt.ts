import type { Entry, Preparation, PressReason, Prompt } from '../../vocabulary/attend.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Direction, Setting } from '../../vocabulary/trial.ts';
import type { Press } from '../door/contract.ts';
import { isLedByNames } from '../lead-by-names.ts';
import type { Entered } from './saved-desk.ts';

export interface Asked {
  readonly device: Device;
  readonly reason: PressReason;
  readonly direction: Direction;
  readonly setting: Setting;
  /** What is in the device by now, of this direction; null: nothing is. */
  readonly before: Entered | null;
}

/** What to enter for a press: everything at first, later what changes. */
export function renderPrompt(asked: Asked, stand: Pick<Press, 'host' | 'port' | 'account' | 'mode'>): Prompt {
  const { device, reason, direction, setting, before } = asked;
  const menu = setting.menu ?? device.menus.find((m) => m.direction === undefined || m.direction === direction)?.path;
  const about = { reason, direction, ...(menu === undefined ? {} : { menu }), setting };
  const server = serverEntries(device, setting, { host: hostFor(setting, before, stand.host), port: stand.port });
  if (before !== null) {
    const known: Readonly<Record<string, string>> = {
      host: before.host,
      port: String(before.port),
      security: before.security,
    };
    return { ...about, entries: server.filter(({ name, value }) => known[name] !== value) };
  }
  const prepare = preparationsOf(device, stand);
  const { user, password, address } = stand.account;
  const login: readonly Entry[] = [
    { name: 'user', value: user },
    { name: 'password', value: password },
  ];
  const mail: readonly Entry[] = [
    { name: 'sender', value: address },
    { name: 'recipient', value: address },
  ];
  const entries = [...server, ...login, ...(direction === 'send' ? mail : [])];
  return { ...about, entries, ...(prepare.length === 0 ? {} : { prepare }) };
}

/** A device that is told a name of ours finds nothing under it yet; with the provider's chain it needs no other root. */
function preparationsOf(device: Device, { mode }: Pick<Press, 'mode'>): readonly Preparation[] {
  const needsRoot = device.trust === 'run-ca' && 'minted' in mode.certificate;
  return [...(isLedByNames(device) ? ['names' as const] : []), ...(needsRoot ? ['run-ca' as const] : [])];
}

/** The host is entered once: the names of all modes lead to the door, and its certificates carry them all. */
export function hostFor(setting: Setting, before: Entered | null, first: string): string {
  return setting.host ?? before?.host ?? first;
}

function serverEntries(device: Device, setting: Setting, stand: Pick<Press, 'host' | 'port'>): readonly Entry[] {
  const word = device.words[setting.security];
  return [
    { name: 'host', value: stand.host },
    { name: 'port', value: String(stand.port) },
    {
      name: 'security',
      value: setting.security,
      ...(word === undefined ? {} : { words: { de: word, en: word } }),
    },
  ];
}
