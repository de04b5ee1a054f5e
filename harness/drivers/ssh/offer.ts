import type { AlgorithmLists } from './algorithms.ts';

export interface OfferReader {
  /** Bytes from the server, from the first on. */
  read(bytes: Buffer): void;
  /** What the server listed; null until it has been read, and when it cannot be. */
  readonly offered: AlgorithmLists | null;
}

/**
 * Reads the algorithms that a server lists in the first packet after its identification (RFC 4253 sections 4.2, 6
 * and 7.1), which is in the clear. The SSH library stops at the first list without a common name; a person wants to
 * know all that is missing. Of ciphers and MACs the lists towards the server are read.
 */
export function createOfferReader(): OfferReader {
  let received = Buffer.alloc(0);
  let offered: AlgorithmLists | null = null;
  let done = false;
  return {
    read: (bytes) => {
      if (done) return;
      received = Buffer.concat([received, bytes]);
      const packet = findPacket(received);
      if (packet === 'incomplete' && received.length < MAX_BYTES) return;
      done = true;
      if (packet instanceof Buffer) offered = parseKexInit(packet);
      received = Buffer.alloc(0);
    },
    get offered() {
      return offered;
    },
  };
}

/** Greeting lines and one packet of 35,000 bytes, the most that RFC 4253 section 6.1 asks for. */
const MAX_BYTES = 128 * 1024;

function findPacket(bytes: Buffer): Buffer | 'incomplete' {
  const identification = bytes.subarray(0, 4).toString('latin1') === 'SSH-' ? 0 : bytes.indexOf('\nSSH-');
  const end = identification < 0 ? -1 : bytes.indexOf('\n', identification + 1);
  if (end < 0 || bytes.length < end + 6) return 'incomplete';
  const length = bytes.readUInt32BE(end + 1);
  const padding = bytes.readUInt8(end + 5);
  if (bytes.length < end + 5 + length) return 'incomplete';
  return bytes.subarray(end + 6, Math.max(end + 6, end + 5 + length - padding));
}

const SSH_MSG_KEXINIT = 20;
const COOKIE_BYTES = 16;

function parseKexInit(packet: Buffer): AlgorithmLists | null {
  if (packet[0] !== SSH_MSG_KEXINIT) return null;
  const lists: (readonly string[])[] = [];
  let at = 1 + COOKIE_BYTES;
  while (lists.length < 5) {
    if (at + 4 > packet.length) return null;
    const end = at + 4 + packet.readUInt32BE(at);
    if (end > packet.length) return null;
    lists.push(
      packet
        .toString('latin1', at + 4, end)
        .split(',')
        .filter(isName),
    );
    at = end;
  }
  const [kex = [], serverHostKey = [], cipher = [], , hmac = []] = lists;
  return { kex, serverHostKey, cipher, hmac };
}

/** Not the signals in the list of key exchanges (RFC 8308, OpenSSH's strict mode), nor anything that is no name. */
function isName(name: string): boolean {
  return /^[\x21-\x7e]{1,64}$/.test(name) && !/^(?:ext-info-|kex-strict-)/.test(name);
}
