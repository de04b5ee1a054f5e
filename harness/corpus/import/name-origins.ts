import { isIPv4 } from 'node:net';
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

/** Above that, clients of a capture are told apart by their hellos only: it is of a network, not of devices. */
const MAX_CLIENTS = 100;
const MAX_GROUPS = 100_000;

/** Gathers the hellos of a capture, and says who said them. */
export class OriginNamer {
  readonly #groups = new Map<string, Group>();
  readonly #only: string | undefined;
  #ignored = 0;
  #beyond = 0;

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
    if (known !== undefined) known.times++;
    else if (this.#groups.size >= MAX_GROUPS) this.#beyond++;
    else {
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
    const stem = slug(file.replace(/\.[a-z]+$/i, ''));
    const source = { kind: 'capture' as const, name: file };
    return [...this.#groups.values()].map(({ hello, id, address, setting, on }) => {
      const who = addresses.length > MAX_CLIENTS ? id : String(addresses.indexOf(address) + 1);
      const device = named.device ?? `${stem}-${who}`;
      const model = named.model ?? (named.device === undefined ? `client ${who} in ${file}` : named.device);
      const firmware = named.firmware ?? 'unknown';
      return { hello, origin: { device, model, firmware, emulated: false, setting, source, on, met: [] } };
    });
  }
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  if (mapped) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
  return canonicalAddress(groups);
}

/** The one way in which an address is written (RFC 5952); null: it is none. */
export function canonicalAddress(text: string): string {
  if (isIPv4(text)) return text;
  const url = URL.parse(`http://[${text}]/`);
  return url === null ? text : url.hostname.slice(1, -1);
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
