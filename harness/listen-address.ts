import { BlockList, isIP } from 'node:net';
import { HarnessFault } from './faults.ts';
import type { Mode } from './vocabulary/mode.ts';
import { compareVersions } from './vocabulary/mode.ts';

/** Loopback, RFC 1918, link-local (RFC 3927, RFC 4291) and unique local addresses (RFC 4193). */
const NOT_PUBLIC = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  NOT_PUBLIC.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::1', 128],
  ['fe80::', 10],
  ['fc00::', 7],
] as const)
  NOT_PUBLIC.addSubnet(net, bits, 'ipv6');

/** Refuses an address that is none, and a public one for modes that take plaintext or old TLS. */
export function checkListenAddress(address: string, modes: readonly Mode[]): void {
  const family = isIP(address);
  if (family === 0) {
    throw new HarnessFault('listen-invalid', `--listen ${address}: not an IP address`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Give an address of this machine, e.g. 192.168.0.10.',
    });
  }
  if (!isPublicAddress(address)) return;
  const open = modes.filter((m) => m.plaintext === 'allowed' || compareVersions(m.tls.min, '1.2') < 0);
  if (open.length === 0) return;
  throw new HarnessFault(
    'listen-public',
    `--listen ${address}: the modes ${open.map((m) => m.id).join(', ')} take plaintext or old TLS and may not bind a public address`,
    {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Bind loopback or an address of your own network; 0.0.0.0 counts as public.',
    },
  );
}

/** Whether strangers on the internet could be at an address. IPv4 may be written as IPv6 (RFC 4291 section 2.5.5.2). */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain);
  return family === 0 || !NOT_PUBLIC.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
