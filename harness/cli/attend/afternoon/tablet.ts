import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, AttendedDevice, AttendView, Invitation } from '../../../vocabulary/attend.ts';

/** A browser with the page of an attended run open, as far as the desk can tell. */
export interface Tablet extends Disposable {
  /** The newest view that came; null before the first. */
  readonly view: AttendView | null;
  /** How often the harness was started anew: the versions of its views leap. */
  readonly restarts: number;
  /** Posts an answer; the status code. Tried again while the harness restarts or the network is lost. */
  answer(answer: Answer): Promise<number>;
  photo(device: string, bytes: Buffer): Promise<number>;
  /** A way in for one person more, as the page's QR code says it. */
  invite(): Promise<string>;
  /** Waits for a view in which the device is as asked; null: `withinMs` have passed. */
  until(device: string, is: (device: AttendedDevice) => boolean, withinMs: number): Promise<AttendedDevice | null>;
  /** Out of reach: streams end, and nothing can be posted until it is `back`, with the same session. */
  lose(): void;
  back(): void;
}

export interface TabletOptions {
  /** A join address with its key. */
  readonly url: string;
  readonly onView?: (view: AttendView) => void;
}

/** More changes than there are between two views of the same process. */
const LEAP = 5_000;
/** Between two tries to connect again. In ms. */
const AGAIN_MS = 200;
/** A restart takes its servers a few seconds. In ms. */
const RESTART_MS = 90_000;

/** Opens the page by its one-time address and watches it, connecting again whenever the stream ends. */
export async function openTablet({ url, onView }: TabletOptions): Promise<Tablet> {
  const joined = await fetch(url, { redirect: 'manual' });
  await joined.arrayBuffer();
  const cookie = joined.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`no session: ${joined.status}`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const waiting = new Set<() => void>();
  let view: AttendView | null = null;
  let restarts = 0;
  let isOpen = false;
  let stream: http.ClientRequest | null = null;

  const take = (next: AttendView): void => {
    if (view !== null && next.version < view.version) return;
    if (view !== null && next.version > view.version + LEAP) restarts += 1;
    view = next;
    onView?.(next);
    for (const wake of waiting) wake();
  };
  const watch = async (): Promise<void> => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- losing the network changes it
    while (isOpen) {
      stream = http.get(new URL('/events', url), { headers: { cookie } });
      try {
        const [response]: http.IncomingMessage[] = await once(stream, 'response');
        if (response !== undefined) await readEvents(response, take);
      } catch {
        // The harness restarts, or the network was lost.
      }
      if (isOpen) await sleep(AGAIN_MS);
    }
  };
  const post = async (path: string, type: string, body: Buffer): Promise<number> => {
    const until = performance.now() + RESTART_MS;
    for (;;) {
      try {
        if (!isOpen) throw new Error('no network');
        return await request(
          new URL(path, url),
          { agent, method: 'POST', headers: { cookie, 'content-type': type } },
          body,
        );
      } catch (fault) {
        if (performance.now() > until) throw fault;
        await sleep(AGAIN_MS);
      }
    }
  };
  const tablet: Tablet = {
    get view() {
      return view;
    },
    get restarts() {
      return restarts;
    },
    answer: (answer) => post('/answer', 'application/json', Buffer.from(JSON.stringify(answer))),
    photo: (device, bytes) => post(`/photo?device=${device}`, 'image/jpeg', bytes),
    async invite() {
      const response = await fetch(new URL('/qr', url), { headers: { cookie } });
      const invitation: Invitation = await response.json();
      return invitation.url;
    },
    async until(id, is, withinMs) {
      const end = performance.now() + withinMs;
      for (;;) {
        const device = view?.devices.find((d) => d.id === id);
        if (device !== undefined && is(device)) return device;
        const leftMs = end - performance.now();
        if (leftMs <= 0) return null;
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        const timer = setTimeout(resolve, Math.min(leftMs, 1_000));
        await promise;
        clearTimeout(timer);
        waiting.delete(resolve);
      }
    },
    back() {
      if (isOpen) return;
      isOpen = true;
      void watch();
    },
    lose() {
      isOpen = false;
      stream?.destroy();
    },
    [Symbol.dispose]() {
      tablet.lose();
      agent.destroy();
    },
  };
  tablet.back();
  return tablet;
}

/** Server-sent events (HTML Standard section 9.2); those of the name `view` are taken. */
async function readEvents(response: http.IncomingMessage, take: (view: AttendView) => void): Promise<void> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (!/^event: view$/m.test(event)) continue;
      const data = event.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []));
      if (data.length > 0) take(JSON.parse(data.join('\n')));
    }
  }
}

async function request(url: URL, options: http.RequestOptions, body: Buffer): Promise<number> {
  const sent = http.request(url, options);
  sent.end(body);
  const [response]: http.IncomingMessage[] = await once(sent, 'response');
  response?.resume();
  return response?.statusCode ?? 0;
}
