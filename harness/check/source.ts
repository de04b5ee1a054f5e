import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** Where a connection came from, without its address. */
export interface Source {
  /** The same for the same address while the process lives; tells nothing of it. */
  readonly key: string;
  /** As much as an agent may see to ask "is this you?". */
  readonly masked: string;
}

/** Addresses of one IPv6 network count as one: a customer's line has 2^64 of them (RFC 6177). */
export function createSources(): (address: string | undefined) => Source {
  const secret = randomBytes(32);
  return (address = '') => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const network = isIPv6(plain) ? firstGroups(plain, 4) : plain;
    return { key: createHmac('sha256', secret).update(network).digest('base64url').slice(0, 22), masked: mask(plain) };
  };
}

function mask(address: string): string {
  if (isIPv6(address)) return `${firstGroups(address, 3)}::/48`;
  const [a, b, c] = address.split('.');
  return c === undefined ? '?' : `${a}.${b}.${c}.x`;
}

function firstGroups(address: string, count: number): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head.split(':').filter((group) => group !== '');
  const behind = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0');
  return [...groups, ...zeros, ...behind].slice(0, count).join(':');
}
