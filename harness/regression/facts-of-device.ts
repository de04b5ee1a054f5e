import type { Device, Reach } from '../vocabulary/device.ts';
import type { Setting } from '../vocabulary/trial.ts';
import type { Share } from './share.ts';
import type { Facts } from './state.ts';

/** Names, claims, texts and where a device stands are left out: they do not decide how it behaves. */
export function factsOf(device: Device, share: Share = (value) => value): Facts {
  const { kind, trust, client, fixedPorts, patience, os, program, reach } = device;
  return {
    kind,
    common: share(definedOnly({ trust, client, fixedPorts, patience, os, program, reach: reach && reachOf(reach) })),
    settings: share(settingsById(device.settings)),
    firmware: share(
      Object.fromEntries(
        device.firmware.map(({ version, settings, emulated, container }) => [
          version,
          definedOnly({ settings: settings && settingsById(settings), emulated, container }),
        ]),
      ),
    ),
  };
}

function settingsById(settings: readonly Setting[]): Facts['settings'] {
  return Object.fromEntries(
    // Where it stands in the menu changes what people are told, not what is sent.
    settings.map(({ id, ...setting }) => [id, definedOnly({ ...setting, menu: undefined })]),
  );
}

/** An address, an account or a host key may change without another device standing there. */
function reachOf(reach: Reach): object {
  switch (reach.driver) {
    case 'ssh':
      return { driver: reach.driver, resolvesHosts: reach.resolvesHosts };
    case 'pty':
      return { driver: reach.driver, program: reach.program, resolvesHosts: reach.resolvesHosts };
    case 'emulated':
      return { driver: reach.driver, console: reach.console, over: reach.over };
    case 'container':
      return { driver: reach.driver, image: reach.image, capabilities: reach.capabilities };
    case 'button':
      return { driver: reach.driver, resolvesHosts: reach.resolvesHosts };
    default:
      return { driver: reach.driver, script: reach.script };
  }
}

function definedOnly(value: Readonly<{ [key: string]: unknown }>): Readonly<{ [key: string]: unknown }> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}
