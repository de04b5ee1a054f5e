import { expect, test } from 'vitest';
import { readModes } from '../modes/read-mode.ts';
import { Device } from '../vocabulary/device.ts';
import { hostsLed, hostsToldTo, leadByNames } from './lead-by-names.ts';

const modes = readModes(['today', 'strict', 'legacy']);
const [, strict, legacy] = modes;
const button = (settings: readonly object[], firmware: readonly object[] = [{ version: '1' }]): Device =>
  Device.parse({ id: 'x', vendor: 'X', model: 'Y', kind: 'mfp', firmware, settings, reach: { driver: 'button' } });
const SEND = { id: 'send', protocol: 'smtp', port: 465, security: 'implicit' };
const FETCH = { id: 'fetch', protocol: 'pop3', port: 995, security: 'implicit' };

test('a device is told the names of strict for what it does, and its own where it has one', () => {
  expect(hostsToldTo([button([SEND])], modes)).toEqual([strict!.hosts.smtp]);
  expect(hostsToldTo([button([SEND, FETCH])], modes)).toEqual([strict!.hosts.smtp, strict!.hosts.pop3]);
  expect(hostsToldTo([button([{ ...SEND, host: 'mail.kunde.example' }])], modes)).toEqual(['mail.kunde.example']);
  expect(hostsToldTo([button([SEND], [{ version: '1', settings: [FETCH] }])], modes)).toContain(strict!.hosts.pop3);
});

test('an address is no name that could be led anywhere', () => {
  for (const host of ['192.168.0.7', 'fd00::7']) expect(hostsToldTo([button([{ ...SEND, host }])], modes)).toEqual([]);
});

test('names of every mode lead here, each once', () => {
  const led = hostsLed([button([SEND])], modes);
  expect(led).toEqual(expect.arrayContaining([strict!.hosts.imap, legacy!.hosts.smtp]));
  expect(new Set(led).size).toBe(led.length);
});

test('only devices that a person presses are told otherwise than before', () => {
  expect(leadByNames(button([SEND])).reach).toEqual({ driver: 'button', resolvesHosts: true });
  const { reach: _, ...claimed } = button([SEND]);
  expect(leadByNames(claimed)).toEqual(claimed);
});
