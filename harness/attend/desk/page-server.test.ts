/* oxlint-disable typescript/no-unsafe-type-assertion -- answers of the page under test, and parts of a played world */
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceWith, promptWith, resultWith, verdictWith } from '../../../reports/attend/sample-views.ts';
import type { Answer, AttendedDevice, AttendView } from '../../vocabulary/attend.ts';
import { SAMPLES } from '../photos/samples.ts';
import { openPageServer, type PageServer } from './page-server.ts';

/** A desk that keeps what it is told. */
const answers: Answer[] = [];
const photos: Buffer[] = [];
const listeners = new Set<() => void>();
let version = 1;
let takes = true;
let isFull = false;

const PRINTER: AttendedDevice = {
  id: 'printer-1',
  name: '<b>Printer</b>',
  kind: 'printer',
  note: '',
  state: 'waiting',
  rivals: [],
  configured: [],
  press: 1,
  prompt: null,
  waitsUntil: null,
  by: '',
  results: [],
  verdicts: [],
  photos: [],
};

/** Forty devices at the end of an afternoon: five presses each, in both directions. */
const FULL: readonly AttendedDevice[] = Array.from({ length: 40 }, (_, i) => ({
  ...deviceWith(`printer-${i}`),
  prompt: promptWith(),
  results: Array.from({ length: 5 }, (_result, number) => resultWith({ number })),
  verdicts: [verdictWith(`printer-${i}`), verdictWith(`printer-${i}`, { direction: 'fetch' })],
}));

const desk = {
  view: (): AttendView => ({
    version,
    now: new Date().toISOString(),
    run: 'run',
    startedAt: new Date().toISOString(),
    certificate: 'lab',
    devices: isFull ? FULL : [PRINTER],
    strangers: [],
    people: [],
    finished: false,
  }),
  answer(answer: Answer) {
    answers.push(answer);
    return takes;
  },
  photo(_device: string, photo: { readonly bytes: Buffer }) {
    photos.push(photo.bytes);
    return 'kept' as const;
  },
  photoOf(device: string, name: string) {
    const bytes = device === 'printer-1' && name === 'photo-1.jpg' ? photos[0] : undefined;
    return bytes === undefined ? null : { bytes, type: 'image/jpeg' };
  },
  onChange(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
function change(): void {
  version += 1;
  for (const listener of listeners) listener();
}

let server: PageServer;
let base: string;
beforeEach(async () => {
  answers.length = 0;
  photos.length = 0;
  takes = true;
  isFull = false;
  const page = { html: '<!doctype html><title>page</title>', js: 'start()', css: 'p{}' };
  server = await openPageServer({ desk, page, policies: [], listen: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => server[Symbol.asyncDispose]());

/** On a connection of its own: one that is kept for the next request may be closed by the server meanwhile. */
async function join(): Promise<string> {
  const response = await fetch((await server.invite()).url, { headers: { connection: 'close' } });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

interface Asked {
  readonly cookie?: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
}

/** With any headers: fetch would set some itself. */
async function ask(path: string, { cookie, method = 'GET', headers = {}, body }: Asked = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string; type: string }>();
  const request = http.request(
    base + path,
    { method, headers: { ...(cookie === undefined ? {} : { cookie }), ...headers }, agent: false },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, type: response.headers['content-type'] ?? '' }),
      );
    },
  );
  request.on('error', reject);
  request.end(body);
  return promise;
}
const json = { 'content-type': 'application/json' };
const post = async (cookie: string, value: unknown, headers = {}) =>
  ask('/answer', { cookie, method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(value) });

describe('strangers', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/attend.js'],
    ['GET', '/view'],
    ['GET', '/events'],
    ['GET', '/qr'],
    ['GET', '/policies'],
    ['GET', '/nothing-here'],
    ['GET', '/join'],
    ['GET', '/join?key=wrong'],
    ['HEAD', '/'],
    ['POST', '/answer'],
    ['POST', '/photo?device=printer-1'],
    ['GET', '/photo?device=printer-1&name=photo-1.jpg'],
    ['OPTIONS', '/answer'],
    ['DELETE', '/view'],
  ])('get 401 and nothing else: %s %s', async (method, path) => {
    const body = method === 'POST' ? JSON.stringify({ kind: 'finish' }) : undefined;
    const answer = await ask(path, { method, headers: json, ...(body === undefined ? {} : { body }) });
    expect(answer).toEqual({ status: 401, text: '', type: '' });
    expect(answers).toEqual([]);
  });

  test('a made-up cookie, or another site’s, is no session', async () => {
    const cookie = await join();
    expect((await ask('/view', { cookie: `cutover-attend=${'A'.repeat(43)}` })).status).toBe(401);
    expect((await ask('/view', { cookie: cookie.replace('cutover-attend', 'other') })).status).toBe(401);
    expect((await ask('/view', { cookie: `other=1; ${cookie}` })).status).toBe(200);
  });
});

describe('a key', () => {
  test('opens once', async () => {
    const { url } = await server.invite();
    const first = await fetch(url);
    expect(first.status).toBe(200);
    expect(first.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict/);
    const second = await fetch(url);
    expect([second.status, await second.text(), second.headers.get('set-cookie')]).toEqual([401, '', null]);
  });

  test('is not used up by a browser that looks ahead, nor by one that is in already', async () => {
    const { url } = await server.invite();
    const path = url.slice(base.length);
    expect((await ask(path, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(401);
    expect((await ask(path, { cookie: await join() })).status).toBe(303);
    expect((await fetch(url)).status).toBe(200);
  });

  test('for one person more comes from the page', async () => {
    const { text } = await ask('/qr', { cookie: await join() });
    const invitation = JSON.parse(text) as { url: string; svg: string };
    expect(invitation.svg).toMatch(/^<svg/);
    expect((await fetch(invitation.url)).status).toBe(200);
  });

  test('its session outlives a restart, and no secret is kept for it', async () => {
    const cookie = await join();
    const sessions = server.sessions();
    expect(JSON.stringify(sessions)).not.toContain(cookie.split('=')[1]);
    await server[Symbol.asyncDispose]();
    const page = { html: 'again', js: '', css: '' };
    server = await openPageServer({ desk, page, policies: [], listen: '127.0.0.1', port: server.port, sessions });
    expect((await ask('/', { cookie })).text).toBe('again');
  });
});

describe('another site', () => {
  test('cannot send, whatever cookie a browser gives it', async () => {
    const cookie = await join();
    const finish = { kind: 'finish' };
    expect((await post(cookie, finish, { origin: 'http://evil.example' })).status).toBe(401);
    expect((await post(cookie, finish, { origin: 'null' })).status).toBe(401);
    expect((await post(cookie, finish, { 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    expect(answers).toEqual([]);
    expect((await post(cookie, finish, { origin: base, 'sec-fetch-site': 'same-origin' })).status).toBe(204);
  });

  test('cannot reach it under another name', async () => {
    const cookie = await join();
    const host = `evil.example:${server.port}`;
    expect((await ask('/view', { cookie, headers: { host } })).status).toBe(401);
  });

  test('the page loads nothing from elsewhere and is in no frame', async () => {
    const response = await fetch(`${base}/`, { headers: { cookie: await join() } });
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('answers', () => {
  test('are handed on; one that does not fit is told', async () => {
    const cookie = await join();
    expect((await post(cookie, { kind: 'take', device: 'printer-1', by: 'Anna' })).status).toBe(204);
    expect(answers).toEqual([{ kind: 'take', device: 'printer-1', by: 'Anna' }]);
    takes = false;
    expect((await post(cookie, { kind: 'pressed', device: 'printer-1' })).status).toBe(204);
    expect((await post(cookie, { kind: 'setting-not-found', device: 'printer-1' })).status).toBe(409);
  });

  test.each([
    ['{', 400],
    ['[]', 400],
    ['null', 400],
    ['{"kind":"explode"}', 400],
    ['{"kind":"pressed"}', 400],
    ['{"kind":"pressed","device":"../../etc"}', 400],
    ['{"kind":"pressed","device":"printer-1","more":1}', 400],
    ['{"__proto__":{"kind":"finish"}}', 400],
    ['{"kind":"pressed","device":"printer-2"}', 404],
    [JSON.stringify({ kind: 'take', device: 'printer-1', by: 'x'.repeat(41) }), 400],
    [JSON.stringify({ kind: 'take', device: 'printer-1', by: 'x'.repeat(5_000) }), 413],
  ])('%s is refused', async (body, status) => {
    const answer = await ask('/answer', { cookie: await join(), method: 'POST', headers: json, body });
    expect(answer).toEqual({ status, text: '', type: '' });
    expect(answers).toEqual([]);
  });

  test('a photo that is none says what to do, and a huge one is cut off', async () => {
    const cookie = await join();
    const photo = (body: Buffer, type = 'image/jpeg') =>
      ask('/photo?device=printer-1', { cookie, method: 'POST', headers: { 'content-type': type }, body });
    const none = await photo(Buffer.from('GIF89a'));
    expect([none.status, JSON.parse(none.text)]).toMatchObject([
      422,
      { why: { de: expect.stringMatching('kein Foto') } },
    ]);
    const hostile = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    expect((await photo(hostile, 'image/svg+xml')).status).toBe(422);
    expect((await photo(hostile)).status).toBe(422);
    expect((await photo(Buffer.from('x'), 'text/html')).status).toBe(415);
    // The server answers before all is sent, and closes: either is seen.
    const huge = await photo(Buffer.alloc(10_000_001)).catch(() => null);
    if (huge !== null)
      expect([huge.status, JSON.parse(huge.text)]).toMatchObject([
        413,
        { why: { en: expect.stringMatching('10 MB') } },
      ]);
    expect(photos).toEqual([]);
  });

  test('a photo is shown to whoever has a session, as a picture and nothing else', async () => {
    const cookie = await join();
    const body = Buffer.from(SAMPLES.jpeg, 'base64');
    const headers = { 'content-type': 'image/jpeg' };
    expect((await ask('/photo?device=printer-1&about=1', { cookie, method: 'POST', headers, body })).status).toBe(204);
    expect((await ask('/photo?device=printer-1&about=0', { cookie, method: 'POST', headers, body })).status).toBe(404);
    const shown = await fetch(`${base}/photo?device=printer-1&name=photo-1.jpg`, { headers: { cookie } });
    expect([shown.status, shown.headers.get('content-type'), shown.headers.get('x-content-type-options')]).toEqual([
      200,
      'image/jpeg',
      'nosniff',
    ]);
    expect(Buffer.from(await shown.arrayBuffer()).equals(photos[0]!)).toBe(true);
    for (const query of [
      'device=printer-1&name=..%2Frecords.jsonl',
      'device=printer-2&name=photo-1.jpg',
      'device=printer-1',
    ])
      expect((await ask(`/photo?${query}`, { cookie })).status).toBe(404);
    expect((await ask('/photo?device=printer-1&name=photo-1.jpg')).status).toBe(401);
  });

  test('who sends without end is cut off, and others go on', async () => {
    const [hasty, calm] = [await join(), await join()];
    const answered = await Promise.allSettled(Array.from({ length: 400 }, async () => ask('/view', { cookie: hasty })));
    expect(answered.filter((a) => a.status === 'rejected').length).toBeGreaterThan(0);
    expect((await ask('/view', { cookie: calm })).status).toBe(200);
  });
});

interface Heard {
  readonly event: string;
  readonly id: string | null;
  readonly data: { readonly version: number };
}

/** Reads server-sent events off a socket. */
function listen(cookie: string) {
  const heard: Heard[] = [];
  const socket = net.connect(server.port, '127.0.0.1');
  let text = '';
  let more = Promise.withResolvers<void>();
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      heard.push({
        event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
        id: /^id: (.*)$/m.exec(block)?.[1] ?? null,
        data: JSON.parse(data) as Heard['data'],
      });
    }
    more.resolve();
    more = Promise.withResolvers();
  });
  socket.on('error', () => {});
  socket.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nCookie: ${cookie}\r\n\r\n`);
  return {
    heard,
    socket,
    async until(is: (h: Heard) => boolean) {
      while (!heard.some(is)) await more.promise;
      return heard.find(is)!;
    },
  };
}

describe('live', () => {
  test('the newest view comes at once, later ones after each change, to everyone', async () => {
    const [one, two] = [listen(await join()), listen(await join())];
    const first = await one.until((h) => h.event === 'view');
    expect(first.id).toBe(String(first.data.version));
    await two.until((h) => h.event === 'view');
    change();
    await one.until((h) => h.data.version === version);
    await two.until((h) => h.data.version === version);
    one.socket.destroy();
    change();
    await two.until((h) => h.data.version === version);
    two.socket.destroy();
  });

  test('a page that lost the network has the newest view when it comes back', async () => {
    const cookie = await join();
    const before = listen(cookie);
    await before.until((h) => h.event === 'view');
    before.socket.destroy();
    change();
    change();
    const after = listen(cookie);
    expect((await after.until((h) => h.event === 'view')).data.version).toBe(version);
    after.socket.destroy();
  });

  test('a network that takes nothing holds nobody up, and is sent the newest view alone when it takes again', async () => {
    isFull = true;
    const stalled = listen(await join());
    await stalled.until((h) => h.event === 'view');
    stalled.socket.pause();
    const quick = listen(await join());
    const first = version;
    for (let i = 0; i < CHANGES; i++) {
      change();
      await quick.until((h) => h.data.version === version);
    }
    stalled.socket.resume();
    await stalled.until((h) => h.data.version === version);
    const missed = version - first - new Set(stalled.heard.map((h) => h.data.version)).size;
    // What the kernel takes in is some megabytes of twenty; the rest was never queued.
    expect(missed).toBeGreaterThan(CHANGES / 10);
    stalled.socket.destroy();
    quick.socket.destroy();
  });
});

/** Their views are more than the kernel takes in for a reader that does not read (10 MB: tcp(7), tcp_rmem and tcp_wmem). */
const CHANGES = 200;
