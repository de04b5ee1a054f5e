/// <reference lib="dom" />
import http from 'node:http';
import type { Browser } from 'playwright-core';
import type { Answer, AttendView } from '../vocabulary/attend.ts';

/** When a person's page showed which version of the view. Epoch ms. */
export interface Shown {
  readonly version: number;
  readonly at: number;
  /** Devices that the page itself shows as done; null: nobody looked. */
  readonly done: number | null;
}

const PAGE_MS = 20_000;

/** Somebody with a tablet. */
export interface BenchPerson extends AsyncDisposable {
  readonly shown: readonly Shown[];
  /** Sends it, or taps its button; when, in epoch ms. */
  tap(kind: 'take' | 'pressed', device: string): Promise<number>;
}

/** A page that is not drawn: the stream and the answers of the real one. `onView`: of every view. */
export async function openListener(
  invitation: string,
  name: string,
  onView: (view: AttendView) => void,
): Promise<BenchPerson> {
  const joined = await fetch(invitation);
  const cookie = joined.headers.get('set-cookie')?.split(';')[0] ?? '';
  const agent = new http.Agent({ keepAlive: true });
  const shown: Shown[] = [];
  const stream = http.get(new URL('/events', invitation), { headers: { cookie } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const version = Number(/^id: (\d+)/.exec(event)?.[1] ?? 0);
        if (version === 0) continue;
        shown.push({ version, at: Date.now(), done: null });
        onView(JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)));
      }
    });
  });
  stream.on('error', () => {});
  return {
    shown,
    async tap(kind, device) {
      const answer: Answer = kind === 'take' ? { kind, device, by: name } : { kind, device };
      const at = Date.now();
      await post(new URL('/answer', invitation), cookie, agent, JSON.stringify(answer));
      return at;
    },
    async [Symbol.asyncDispose]() {
      stream.destroy();
      agent.destroy();
    },
  };
}

async function post(url: URL, cookie: string, agent: http.Agent, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { cookie, 'content-type': 'application/json' };
  const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  request.on('error', reject).end(body);
  const status = await promise;
  if (status !== 204) throw new Error(`the desk answered ${status} to ${body}`);
}

/** The real page in Chromium, on a tablet. Shown is what is painted. */
export async function openTablet(browser: Browser, invitation: string, name: string): Promise<BenchPerson> {
  const context = await browser.newContext({ viewport: { width: 820, height: 1_180 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS);
  const shown: Shown[] = [];
  const taps = new Map<string, number>();
  await page.exposeFunction('benchShown', (one: Shown) => void shown.push(one));
  await page.exposeFunction('benchTap', (id: string, at: number) => void taps.set(id, at));
  await page.addInitScript(watchPage);
  await page.goto(invitation);
  await page.fill('#name', name);
  await page.keyboard.press('Enter');
  return {
    shown,
    async tap(kind, device) {
      const button = `${kind}-${device}`;
      // As a finger does: without looking whether it stands still first, while cards open around it.
      if (kind === 'take') await page.locator(`#row-${device}`).dispatchEvent('click');
      await page.locator(`#${button}`).dispatchEvent('click');
      return taps.get(button) ?? Number.NaN;
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

declare global {
  interface Window {
    benchShown(shown: Shown): Promise<void>;
    benchTap(id: string, at: number): Promise<void>;
  }
}

/** Runs in the page: tells when the newest view is painted, and when a button is tapped. */
function watchPage(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its stream below
  const add = EventSource.prototype.addEventListener;
  let newest = 0;
  let isAsked = false;
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', ({ data }: MessageEvent<Omit<Shown, 'at'>>) => {
    void window.benchShown({ ...data, at: Date.now() });
  });
  port1.start();
  // Asked for behind the page's own, which has put the view in place; a task behind a frame comes when it is drawn.
  const look = () => {
    isAsked = false;
    port2.postMessage({ version: newest, done: document.querySelectorAll('#list .badge.done').length });
  };
  EventSource.prototype.addEventListener = function (this: EventSource, type: string, listener: unknown) {
    const hear = (event: MessageEvent) => {
      if (typeof listener === 'function') listener.call(this, event);
      if (type !== 'view') return;
      newest = Number(event.lastEventId);
      if (!isAsked) requestAnimationFrame(look);
      isAsked = true;
    };
    Reflect.apply(add, this, [type, hear]);
  };
  document.addEventListener(
    'click',
    ({ target }) => {
      if (target instanceof HTMLElement && target.dataset['answer'] !== undefined)
        void window.benchTap(target.id, Date.now());
    },
    { capture: true },
  );
}
