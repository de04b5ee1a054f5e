import { request } from 'node:http';
import { expect, test } from 'vitest';
import { readPageAssets } from './page-assets.ts';
import { openPageServer, type PageServer } from './page-server.ts';
import { openTestHost, type TestHost } from './open-test-host.ts';
import type { AgentView } from './view.ts';

interface Page extends AsyncDisposable {
  readonly t: TestHost;
  readonly page: PageServer;
  readonly base: string;
  /** Lets a browser in; its cookie. */
  enter(): Promise<string>;
}

async function openPage(): Promise<Page> {
  await using opened = new AsyncDisposableStack();
  const t = opened.use(await openTestHost());
  const assets = await readPageAssets();
  const page = opened.use(await openPageServer({ host: t.host, assets, listen: '127.0.0.1', port: 0 }));
  const base = new URL(page.invite()).origin;
  const kept = opened.move();
  return {
    t,
    page,
    base,
    async enter() {
      const response = await fetch(page.invite(), { redirect: 'manual' });
      return response.headers.get('set-cookie')!.split(';')[0]!;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function order(
  base: string,
  cookie: string,
  what: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const sent = { 'content-type': 'application/json', cookie, ...headers };
  return fetch(`${base}/orders`, { method: 'POST', headers: sent, body: JSON.stringify(what) });
}

/** Views as they come, until the condition holds. */
async function follow(base: string, cookie: string, condition: (view: AgentView) => boolean): Promise<AgentView> {
  const response = await fetch(`${base}/events`, { headers: { cookie } });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events.filter((e) => e.startsWith('data: '))) {
      const view: AgentView = JSON.parse(event.slice('data: '.length));
      if (condition(view)) return view;
    }
  }
  throw new Error('the stream ended');
}

test('an agent opens a call, and sees live what its device did; another sees only that somebody waits', async () => {
  await using p = await openPage();
  const [anna, ben] = [await p.enter(), await p.enter()];
  expect(await (await order(p.base, anna, { kind: 'open', note: 'Case <b>7</b>' })).json()).toEqual({ done: true });
  const { tickets } = await follow(p.base, anna, (v) => v.tickets.length === 1);
  const done = follow(p.base, anna, (v) => v.tickets[0]!.attempts[0]?.outcome === 'works');
  await p.t.sendMail(tickets[0]!.code);
  expect((await done).tickets[0]!.attempts[0]).toMatchObject({ tie: 'code', from: '127.0.0.x' });
  expect(await follow(p.base, ben, () => true)).toMatchObject({ tickets: [], othersWaiting: 0 });
  const close = { kind: 'close', ticket: tickets[0]!.id };
  expect(await (await order(p.base, ben, close)).json()).toEqual({ done: false });
  expect(await (await order(p.base, anna, close)).json()).toEqual({ done: true });
});

test('an invitation is used up by whoever opens it, not by what only looks at it', async () => {
  await using p = await openPage();
  const invitation = p.page.invite();
  await fetch(invitation, { method: 'HEAD', redirect: 'manual' });
  const ahead = await fetch(invitation, { headers: { 'sec-purpose': 'prefetch;prerender' }, redirect: 'manual' });
  expect(ahead.headers.get('set-cookie')).toBeNull();
  const opened = await fetch(invitation, { redirect: 'manual' });
  expect(opened.headers.get('set-cookie')).toContain('HttpOnly');
});

test('a browser that asks for an icon finds that there is none, without an error', async () => {
  await using p = await openPage();
  const icon = await fetch(`${p.base}/favicon.ico`);
  expect([icon.status, await icon.text()]).toEqual([204, '']);
});

test('without the cookie there is nothing to see or to order, and an address lets in once', async () => {
  await using p = await openPage();
  for (const path of ['/', '/page.js', '/page.css', '/events']) {
    expect((await fetch(p.base + path)).status, path).toBe(401);
    expect((await fetch(p.base + path, { headers: { cookie: `cutover-check=${'A'.repeat(43)}` } })).status).toBe(401);
  }
  expect((await order(p.base, '', { kind: 'open', note: '' })).status).toBe(401);
  const address = p.page.invite();
  expect((await fetch(address, { redirect: 'manual' })).status).toBe(303);
  expect((await fetch(address, { redirect: 'manual' })).status).toBe(401);
  expect((await fetch(`${p.base}/enter/guess`)).status).toBe(401);
});

test('the page runs no script but its own, loads from nowhere else, and is in no frame', async () => {
  await using p = await openPage();
  const response = await fetch(p.base, { headers: { cookie: await p.enter() } });
  expect(response.headers.get('content-security-policy')).toMatch(
    /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
  );
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { html, script, style } = await readPageAssets();
  expect(await response.text()).toBe(html);
  expect(html + script + style).not.toMatch(/https?:\/\/|innerHTML|insertAdjacentHTML|eval\(/);
  expect((await fetch(p.page.invite(), { redirect: 'manual' })).headers.get('set-cookie')).toMatch(
    /; HttpOnly; SameSite=Strict$/,
  );
});

test('another site can neither order through an agent’s browser nor read under a name of its own', async () => {
  await using p = await openPage();
  const cookie = await p.enter();
  const open = { kind: 'open', note: '' };
  expect((await order(p.base, cookie, open, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  const form = await fetch(`${p.base}/orders`, { method: 'POST', headers: { cookie }, body: 'kind=open&note=' });
  expect(form.status).toBe(415);
  expect(await statusUnderName(p.base, cookie, 'evil.example')).toBe(421);
  expect(await statusUnderName(p.base, cookie, 'localhost:8080')).toBe(200);
});

test('floods of pages and of orders are refused, and the agent goes on', async () => {
  await using p = await openPage();
  const cookie = await p.enter();
  const stop = new AbortController();
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${p.base}/events`, { headers: { cookie }, signal: stop.signal })),
  );
  expect(streams.filter((s) => s.status === 200)).toHaveLength(4);
  expect(streams.filter((s) => s.status === 429)).toHaveLength(16);
  for (let at = 0; at < 60; at++) await order(p.base, cookie, { kind: 'open', note: '' });
  expect(await (await order(p.base, cookie, { kind: 'open', note: '' })).json()).toEqual({ done: false });
  expect((await order(p.base, cookie, { kind: 'open', note: 'x'.repeat(10_000) })).status).toBe(413);
  expect((await order(p.base, cookie, { kind: 'open', note: '', more: 1 })).status).toBe(400);
  expect((await order(p.base, cookie, [])).status).toBe(400);
  stop.abort();
  const other = await p.enter();
  const view = await follow(p.base, other, () => true);
  expect(view.tickets).toEqual([]);
});

function statusUnderName(base: string, cookie: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(base, { headers: { cookie, host } }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}
