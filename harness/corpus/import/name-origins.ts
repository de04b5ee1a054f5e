import { isIPv4, isIPv6 } from 'node:net';
import { helloId, type RecordedHello } from '../recorded-hello.ts';
import type { Recording } from '../corpus.ts';
import type { Origin } from '../entry.ts';
import type { CapturedHello } from './follow-connections.ts';

/** What a person says of whom a capture is of; otherwise clients are numbered, and no address is kept. */
export interface Named {
  readonly device?: string;
  readonly model?: string;
  readonly firmware?: string;
  /** Only connections from this address. */
  readonly client?: string;
}

/** One hello of one client in one setting, however often it was said. */
interface Group {
  readonly hello: RecordedHello;
  readonly id: string;
  readonly address: string;
  readonly setting: Origin['setting'];
  readonly on: string;
  times: number;
}

/**
 * Above that, clients of a capture are told apart by their hellos only: it is of a network, not of devices. Several hellos
 * of one address are told apart as well, unless somebody says what device it is: it may be a router's, and one device's
 * good hello must not speak for another.
 */
const MAX_CLIENTS = 100;
const MAX_GROUPS = 100_000;
/** Of all hellos that are kept together: 100,000 of the size that real ones have. */
const MAX_BYTES = 67_108_864;

/** Gathers the hellos of a capture, and says who said them. */
export class OriginNamer {
  readonly #groups = new Map<string, Group>();
  readonly #only: string | undefined;
  #ignored = 0;
  #beyond = 0;
  #bytes = 0;

  constructor(only: string | undefined) {
    this.#only = only;
  }

  add({ hello, endpoint, security, client, atMs }: CapturedHello): void {
    const address = addressOf(client);
    if (this.#only !== undefined && address !== this.#only) {
      this.#ignored++;
      return;
    }
    const id = helloId(hello);
    const { protocol, port } = endpoint;
    const key = `${id} ${address} ${security} ${port}`;
    const known = this.#groups.get(key);
    const bytes = bytesOf(hello);
    if (known !== undefined) known.times++;
    else if (this.#groups.size >= MAX_GROUPS || this.#bytes + bytes > MAX_BYTES) this.#beyond++;
    else {
      this.#bytes += bytes;
      const setting = { id: `${security}-${port}`, protocol, port, security };
      this.#groups.set(key, { hello, id, address, setting, on: dayOf(atMs), times: 1 });
    }
  }

  /** Addresses that said a hello. */
  get addresses(): readonly string[] {
    return [...new Set([...this.#groups.values()].map(({ address }) => address))];
  }

  get counts(): { readonly hellos: number; readonly ignored: number; readonly beyond: number } {
    const hellos = [...this.#groups.values()].reduce((sum, { times }) => sum + times, 0);
    return { hellos, ignored: this.#ignored, beyond: this.#beyond };
  }

  /** @param file Name of the capture, which clients without a name are named by. */
  recordings(file: string, named: Named): readonly Recording[] {
    const { addresses } = this;
    const groups = [...this.#groups.values()];
    const stem = slug(file.replace(/\.[a-z]+$/i, ''));
    const source = { kind: 'capture' as const, name: file };
    const said = Map.groupBy(groups, ({ address, setting }) => `${address} ${setting.id}`);
    return groups.map(({ hello, id, address, setting, on }) => {
      const isAlone = said.get(`${address} ${setting.id}`)?.length === 1;
      const number = `${addresses.indexOf(address) + 1}`;
      const who = addresses.length > MAX_CLIENTS ? id : isAlone ? number : `${number}-${id}`;
      const device = named.device ?? `${stem}-${who}`;
      const model = named.model ?? (named.device === undefined ? `client ${who} in ${file}` : named.device);
      const firmware = named.firmware ?? 'unknown';
      return { hello, origin: { device, model, firmware, emulated: false, setting, source, on, met: [] } };
    });
  }
}

function bytesOf({ suites, extensions }: RecordedHello): number {
  return 8 * suites.length + (extensions ?? []).reduce((sum, { body }) => sum + 64 + body.length, 64);
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
  return canonicalAddress(groups) ?? groups;
}

/** The one way in which an address is written (RFC 5952), IPv4 within IPv6 as IPv4; null: it is none. */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return null;
  const address = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? null;
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address ?? '') ?? [];
  if (high === undefined || low === undefined) return address;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 0xff, second >> 8, second & 0xff].join('.');
}

/** Times of a capture can be anything. */
function dayOf(atMs: number): string {
  const isTime = Number.isFinite(atMs) && atMs >= 0 && atMs < Date.UTC(10_000, 0);
  return new Date(isTime ? atMs : 0).toISOString().slice(0, 10);
}

export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'capture'
  );
}
