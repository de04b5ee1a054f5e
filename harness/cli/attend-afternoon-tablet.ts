import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, AttendedDevice, AttendView } from '../vocabulary/attend.ts';

/** A browser with the page of an attended run open, as far as the desk can tell. */
export interface Tablet extends Disposable {
  /** The newest view that came; null before the first. */
  readonly view: AttendView | null;
  /** Posts an answer; the status code. Tried again while the harness restarts. */
  answer(answer: Answer): Promise<number>;
  photo(device: string, bytes: Buffer): Promise<number>;
  /** Waits for a view in which the device is as asked; null: `withinMs` have passed. */
  until(device: string, is: (device: AttendedDevice) => boolean, withinMs: number): Promise<AttendedDevice | null>;
  /** The lid is closed: the stream ends. `open` connects again with the same session. */
  close(): void;
  open(): void;
}

export interface TabletOptions {
  /** A join address with its key. */
  readonly url: string;
  readonly onView?: (view: AttendView) => void;
}

/** Between two tries to connect again. In ms. */
const AGAIN_MS = 200;
/** A restart takes its servers a few seconds. In ms. */
const RESTART_MS = 60_000;

/** Opens the page by its one-time address and watches it, connecting again whenever the stream ends. */
export async function openTablet({ url, onView }: TabletOptions): Promise<Tablet> {
  const joined = await fetch(url, { redirect: 'manual' });
  await joined.arrayBuffer();
  const cookie = joined.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`no session: ${joined.status}`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const waiting = new Set<() => void>();
  let view: AttendView | null = null;
  let isOpen = false;
  let stream: http.ClientRequest | null = null;

  const take = (next: AttendView): void => {
    if (view !== null && next.version < view.version) return;
    view = next;
    onView?.(next);
    for (const wake of waiting) wake();
  };
  const watch = async (): Promise<void> => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- closing the lid changes it
    while (isOpen) {
      stream = http.get(new URL('/events', url), { headers: { cookie } });
      try {
        const [response]: http.IncomingMessage[] = await once(stream, 'response');
        if (response !== undefined) await readEvents(response, take);
      } catch {
        // The harness restarts, or the lid was closed.
      }
      if (isOpen) await sleep(AGAIN_MS);
    }
  };
  const post = async (path: string, type: string, body: Buffer): Promise<number> => {
    const until = performance.now() + RESTART_MS;
    for (;;) {
      try {
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
    answer: (answer) => post('/answer', 'application/json', Buffer.from(JSON.stringify(answer))),
    photo: (device, bytes) => post(`/photo?device=${device}`, 'image/jpeg', bytes),
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
    open() {
      if (isOpen) return;
      isOpen = true;
      void watch();
    },
    close() {
      isOpen = false;
      stream?.destroy();
    },
    [Symbol.dispose]() {
      tablet.close();
      agent.destroy();
    },
  };
  tablet.open();
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
