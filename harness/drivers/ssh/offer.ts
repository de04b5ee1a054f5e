import type { AlgorithmLists } from './algorithms.ts';

export interface OfferReader {
  /** Bytes from the server, from the first on. */
  read(bytes: Buffer): void;
  /** What the server listed; null until it has been read, and when it cannot be. */
  readonly offered: AlgorithmLists | null;
  /** What it calls itself, e.g. "SSH-2.0-dropbear_0.46"; null until it has been read. */
  readonly identification: string | null;
}

/**
 * Reads the algorithms that a server lists in the first packet after its identification (RFC 4253 sections 4.2, 6
 * and 7.1), which is in the clear. The SSH library stops at the first list without a common name; a person wants to
 * know all that is missing. Of ciphers and MACs the lists towards the server are read.
 */
export function createOfferReader(): OfferReader {
  let received = Buffer.alloc(0);
  let offered: AlgorithmLists | null = null;
  let identification: string | null = null;
  let done = false;
  return {
    read: (bytes) => {
      if (done) return;
      received = Buffer.concat([received, bytes]);
      const line = findIdentification(received);
      if (line !== null) identification = renderIdentification(received.subarray(line.from, line.to));
      const packet = line === null ? null : findPacket(received.subarray(line.to + 1));
      if (packet === null && received.length < MAX_BYTES) return;
      done = true;
      if (packet !== null) offered = parseKexInit(packet);
      received = Buffer.alloc(0);
    },
    get offered() {
      return offered;
    },
    get identification() {
      return identification;
    },
  };
}

/** Greeting lines and one packet of 35,000 bytes, the most that RFC 4253 section 6.1 asks for. */
const MAX_BYTES = 128 * 1024;

/** Lines of greeting may come before it. `to`: where its line feed stands. */
function findIdentification(bytes: Buffer): { readonly from: number; readonly to: number } | null {
  const from = bytes.subarray(0, 4).toString('latin1') === 'SSH-' ? 0 : bytes.indexOf('\nSSH-') + 1;
  const to = bytes.indexOf('\n', from);
  return (from === 0 && bytes[0] !== 0x53) || to < 0 ? null : { from, to };
}

/** At most 255 characters (RFC 4253 section 4.2), printable ones. */
function renderIdentification(line: Buffer): string {
  return line
    .toString('latin1')
    .trim()
    .slice(0, 255)
    .replaceAll(/[^ -~]/g, '?');
}

/** Payload of the first packet; null as long as it is not complete. */
function findPacket(bytes: Buffer): Buffer | null {
  if (bytes.length < 5) return null;
  const end = 4 + bytes.readUInt32BE(0);
  return bytes.length < end ? null : bytes.subarray(5, Math.max(5, end - bytes.readUInt8(4)));
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
