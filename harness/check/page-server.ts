import type { ServerResponse } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { pageHeaders } from '../page-headers.ts';
import { createKeys, isLookingAhead } from '../page-keys.ts';
import type { CheckHost } from './open-host.ts';

export interface PageAssets {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

export interface PageServer extends AsyncDisposable {
  /** An address that lets one browser in, once, as an agent of its own. */
  invite(): string;
}

interface PageOptions {
  readonly host: CheckHost;
  readonly assets: PageAssets;
  readonly listen: string;
  /** 0: any. */
  readonly port: number;
  readonly now?: () => number;
}

/**
 * The agents' page. A browser comes in by a one-time address, gets a cookie that no script can read, and sees what its
 * agent may see. Throws HarnessFault `page-port`.
 */
export async function openPageServer(options: PageOptions): Promise<PageServer> {
  const { host, assets, now = Date.now } = options;
  // A session is an agent.
  const keys = createKeys({ maxOpen: MAX_AGENTS, maxSessions: MAX_AGENTS, openMs: INVITATION_MS, now });
  const streams = new Set<{ readonly agent: string; readonly response: ServerResponse }>();
  const app = fastify({
    bodyLimit: 4_096,
    requestTimeout: 15_000,
    connectionTimeout: 0,
    forceCloseConnections: true,
    // Programs that look at links beforehand (HEAD) must not use an invitation up.
    exposeHeadRoutes: false,
  });
  // A form of another site can send text without asking first; JSON it cannot.
  app.removeContentTypeParser('text/plain');
  app.server.headersTimeout = 10_000;
  app.server.maxConnections = MAX_CONNECTIONS;

  const agentOf = (request: FastifyRequest): string | null => {
    const cookie = new RegExp(`(?:^|; )${COOKIE}=([\\w-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];
    return cookie === undefined ? null : keys.sessionOf(cookie);
  };
  const serve = (type: string, text: string) => (request: FastifyRequest, reply: FastifyReply) =>
    agentOf(request) === null ? reply.code(401).type('text/plain').send(NO_ENTRY) : reply.type(type).send(text);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!isOwnHost(request.headers.host, options.listen)) return reply.code(421).type('text/plain').send('wrong host');
    const site = request.headers['sec-fetch-site'];
    const fromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (request.method === 'POST' && fromElsewhere) return reply.code(403).type('text/plain').send('wrong page');
    return undefined;
  });
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const code = error.statusCode ?? 500;
    return reply
      .code(code)
      .type('text/plain')
      .send(code < 500 ? 'not understood' : 'a fault of the test host');
  });
  app.get<{ Params: { token: string } }>('/enter/:token', (request, reply) => {
    const cookie = isLookingAhead(request.headers) ? null : keys.redeem(request.params.token);
    if (cookie === null) return reply.code(401).type('text/plain').send(NO_ENTRY);
    return reply.header('set-cookie', `${COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=Strict`).redirect('/', 303);
  });
  app.get('/', serve('text/html; charset=utf-8', assets.html));
  app.get('/page.js', serve('text/javascript; charset=utf-8', assets.script));
  // Browsers ask for an icon by themselves.
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send());
  app.get('/page.css', serve('text/css; charset=utf-8', assets.style));
  app.get('/events', (request, reply) => {
    const agent = agentOf(request);
    if (agent === null) return reply.code(401).type('text/plain').send(NO_ENTRY);
    const own = [...streams].filter((s) => s.agent === agent);
    if (own.length >= STREAMS_OF_AGENT) return reply.code(429).type('text/plain').send('too many pages are open');
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    const stream = { agent, response };
    streams.add(stream);
    response.on('close', () => streams.delete(stream)).on('error', () => streams.delete(stream));
    send(response, host.viewOf(agent));
    return reply;
  });
  app.post('/orders', (request, reply) => {
    const agent = agentOf(request);
    if (agent === null) return reply.code(401).type('text/plain').send(NO_ENTRY);
    const order = Order.safeParse(request.body);
    if (!order.success) return reply.code(400).type('text/plain').send('not understood');
    return reply.send({ done: obey(order.data, agent) });
  });

  const obey = (order: Order, agent: string): boolean | string => {
    if (order.kind === 'open') return host.openTicket(agent, order.note).kind === 'opened';
    if (order.kind === 'close') return host.closeTicket(agent, order.ticket);
    if (order.kind === 'invite') return invite();
    return host.claim(agent, order.ticket, order.attempt);
  };
  const invite = () => `${base}/enter/${keys.mint()}`;
  const base = await listen(app, options);
  const stop = host.onChange(() => {
    for (const { agent, response } of streams) send(response, host.viewOf(agent));
  });
  const beating = setInterval(() => {
    for (const { response } of streams) response.write(':\n\n');
  }, BEAT_MS);
  return {
    invite,
    async [Symbol.asyncDispose]() {
      clearInterval(beating);
      stop();
      for (const { response } of streams) response.destroy();
      await app.close();
    },
  };
}

const Order = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), note: z.string().max(80) }),
  z.strictObject({ kind: z.literal('close'), ticket: z.string().max(40) }),
  z.strictObject({ kind: z.literal('claim'), ticket: z.string().max(40), attempt: z.string().max(40) }),
  z.strictObject({ kind: z.literal('invite') }),
]);
type Order = z.infer<typeof Order>;

const COOKIE = 'cutover-check';
const NO_ENTRY = 'Open the address that `cutover check serve` has printed. It works once.';
const INVITATION_MS = 10 * 60_000;
const MAX_AGENTS = 32;
const STREAMS_OF_AGENT = 4;
const MAX_CONNECTIONS = 256;
/** Proxies and tunnels close what is silent for a minute. */
const BEAT_MS = 20_000;
/** A page that reads nothing must not fill our memory. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const HEADERS = pageHeaders();

/** Another site's name that leads to this address (DNS rebinding) is not ours. */
function isOwnHost(header: string | undefined, listenAddress: string): boolean {
  const url = URL.parse(`http://${header ?? ''}`);
  const own = [listenAddress, `[${listenAddress}]`, 'localhost', '127.0.0.1', '[::1]'];
  return url !== null && own.includes(url.hostname);
}

function send(response: ServerResponse, view: unknown): void {
  if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
  else response.write(`data: ${JSON.stringify(view)}\n\n`);
}

async function listen(app: FastifyInstance, { listen: host, port }: PageOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw new HarnessFault('page-port', `the agents' page cannot listen on ${host} port ${port}`, {
      stage: 'start',
      advice: 'Give another port with --page-port, or leave it out.',
      cause,
    });
  }
}
