import { basename } from 'node:path';
import type { Device, Reach } from '../vocabulary/device.ts';
import type { QemuReach } from '../vocabulary/guest-reach.ts';
import type { RootfsReach } from '../vocabulary/root-reach.ts';
import type { Setting } from '../vocabulary/trial.ts';
import { isMap } from './differing-paths.ts';
import type { Share } from './share.ts';
import type { Answer, Facts } from './state.ts';

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

/**
 * What a device's file says of the setting that a question was asked with: a firmware's own settings stand in for the
 * device's. undefined: not known.
 */
export function settingOf({ facts, firmware, setting }: Answer): Facts['settings'] | undefined {
  const own = facts?.firmware[firmware]?.['settings'];
  const known = (isMap(own) ? own[setting] : undefined) ?? facts?.settings[setting];
  return isMap(known) ? known : undefined;
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
    case 'qemu':
      return guestOf(reach);
    case 'rootfs':
      return rootOf(reach);
    default:
      return { driver: reach.driver, script: reach.script };
  }
}

/** What is booted, in which machine. Its files may lie elsewhere; how long it takes and what it is told then is left out. */
function guestOf(reach: QemuReach): object {
  const { console: _c, bootSeconds: _s, boot: _b, login: _l, disk, kernel, initrd, ...machine } = reach;
  return definedOnly({
    ...machine,
    disk: disk && { ...disk, file: basename(disk.file) },
    kernel: kernel && basename(kernel),
    initrd: initrd && basename(initrd),
  });
}

/** What is entered. It may lie elsewhere; what it is told at its login is left out. */
function rootOf(reach: RootfsReach): object {
  const { login: _, root, ...rest } = reach;
  return definedOnly({ ...rest, root: root && basename(root) });
}

function definedOnly(value: Readonly<{ [key: string]: unknown }>): Readonly<{ [key: string]: unknown }> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}
