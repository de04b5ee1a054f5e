import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { type Protocol, PROTOCOLS, type Setting } from '../vocabulary/trial.ts';

/** The device keeps the provider's host names in its settings, and they lead to the door. */
export function leadByNames(device: Device): Device {
  return device.reach?.driver === 'button' ? { ...device, reach: { ...device.reach, resolvesHosts: true } } : device;
}

/** Host names lead it here: what is entered is a name, not the address. */
export function isLedByNames({ reach }: Device): boolean {
  return reach?.driver === 'button' && reach.resolvesHosts;
}

/**
 * Host names that these devices dial in an attended run: what is entered is that of the first press, which meets
 * strict, and stays. A name of their own stays as it is; addresses are none.
 */
export function hostsToldTo(devices: readonly Device[], modes: readonly Mode[]): readonly string[] {
  const strict = modes.find(({ id }) => id === 'strict');
  const settings = devices.flatMap((d) => [...d.settings, ...d.firmware.flatMap((f) => f.settings ?? [])]);
  const told = settings.flatMap((s) => s.host ?? strict?.hosts[s.protocol] ?? []);
  return [...new Set(told)].filter(isName);
}

/** All that the name server leads here: also names of other modes, which a person may have entered before. */
export function hostsLed(devices: readonly Device[], modes: readonly Mode[]): readonly string[] {
  const policies = modes.flatMap(({ hosts }) => PROTOCOLS.map((protocol: Protocol) => hosts[protocol]));
  return [...new Set([...hostsToldTo(devices, modes), ...policies])].filter(isName);
}

function isName(host: NonNullable<Setting['host']>): boolean {
  return !/^[\d.]+$|:/.test(host);
}
