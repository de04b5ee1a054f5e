import { isIPv6 } from 'node:net';
import * as z from 'zod';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { createAllowance } from '../../allowance.ts';
import { LabFault } from '../../faults.ts';
import { pageHeaders } from '../../page-headers.ts';
import { createKeys, isLookingAhead, TOKEN } from '../../page-keys.ts';
import { Answer, type Invitation, type PhotoRefusal, PressOrdinal } from '../../vocabulary/attend.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Bilingual } from '../../vocabulary/trial.ts';
import { bindFree, bindKept } from '../bind-port.ts';
import { PHOTO_LIMIT_BYTES, PHOTO_TOO_LARGE, stripPhoto } from '../photos.ts';
import { renderQr } from '../qr.ts';
import type { Desk } from './open-desk.ts';
import { openViewStreams } from './view-streams.ts';

export interface PageServerOptions {
  readonly desk: Pick<Desk, 'view' | 'answer' | 'photo' | 'photoOf' | 'onChange'>;
  /** Served as `/`, `/attend.js` and `/attend.css`. */
  readonly page: {
    readonly html: string;
    readonly js: string;
    readonly css: string;
    /** What a person may need beside it. */
    readonly files?: readonly ServedFile[];
  };
  /** Whose hosts and dates the page's texts speak of. */
  readonly policies: readonly Mode[];
  readonly listen: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Sessions of before a restart. */
  readonly sessions?: readonly string[];
  /** Resolves when everything that was said by now outlives this process: only then is it confirmed. */
  readonly saved?: () => Promise<void>;
}

/** A file behind the same key as the page. */
export interface ServedFile {
  readonly path: `/${string}`;
  readonly type: string;
  readonly bytes: Buffer;
  /** It is stored under this name instead of being shown. */
  readonly fileName?: string;
}

export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** The way in for one person more. */
  invite(): Promise<Invitation & { readonly terminal: string }>;
  /** To be kept for a restart. */
  sessions(): readonly string[];
}

const COOKIE = 'cutover-attend';
const COOKIE_SECONDS = 60 * 60 * 24 * 7;
/** An answer has a name and a code from a panel in it. */
const ANSWER_BYTES = 4_096;
const HEADERS = pageHeaders("img-src 'self' blob:");

/**
 * Serves the page of an attended run. Whoever has no session gets 401 and nothing else, whatever is asked for; a session
 * comes from a key that opens once. Throws LabFault `page-port` when the port cannot be bound.
 */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const { desk, page, listen } = options;
  const keys = createKeys({ sessions: options.sessions ?? [], maxOpen: 40, maxSessions: 100 });
  // A person taps, and a page loads four files; a stranger who guesses gets nowhere in any case.
  const guests = createAllowance({ purse: 60, perSecond: 5 });
  const members = createAllowance({ purse: 120, perSecond: 20 });
  const streams = openViewStreams(() => desk.view());
  const stopListening = desk.onChange(() => streams.changed());
  const app = fastify({
    exposeHeadRoutes: false,
    bodyLimit: ANSWER_BYTES,
    requestTimeout: 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    http: { headersTimeout: 10_000, maxHeaderSize: 8_192 },
    // What went wrong is nobody's business on the network.
    frameworkErrors: (_fault, _request, reply) => void refuse(reply),
  });
  app.server.maxConnections = 250;
  const sessionOf = (request: FastifyRequest) => {
    const token = readCookie(request.headers.cookie);
    return keys.sessionOf(token ?? '');
  };

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(HEADERS);
    const session = sessionOf(request);
    const who = session ?? request.socket.remoteAddress ?? '';
    if (!(session === null ? guests : members).spend(who, request.method === 'POST' ? 2 : 1)) {
      request.socket.destroy();
      return reply.hijack();
    }
    const isWelcome = isOwnHost(request, listen, portOf(app)) && isOwnOrigin(request);
    if (!isWelcome || (session === null && !isJoining(request))) return refuse(reply);
    return undefined;
  });
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send());
  app.setErrorHandler(async (fault: { statusCode?: number }, request, reply) => {
    const { statusCode = 500 } = fault;
    const isPhoto = statusCode === 413 && request.url.startsWith('/photo');
    return isPhoto ? refusePhoto(reply, 413, PHOTO_TOO_LARGE) : reply.code(statusCode).send();
  });

  app.get('/join', async (request, reply) => {
    if (sessionOf(request) !== null) return reply.redirect('/', 303);
    const token = isLookingAhead(request.headers) ? null : keys.redeem(readKey(request));
    if (token === null) return refuse(reply);
    return reply
      .header('set-cookie', `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${COOKIE_SECONDS}`)
      .type('text/html; charset=utf-8')
      .send(WELCOME);
  });
  const serve = (path: string, type: string, text: string) =>
    app.get(path, async (_request, reply) => reply.type(`${type}; charset=utf-8`).send(text));
  serve('/', 'text/html', page.html);
  serve('/attend.js', 'text/javascript', page.js);
  serve('/attend.css', 'text/css', page.css);
  for (const { path, type, bytes, fileName } of page.files ?? []) {
    const stored = fileName === undefined ? {} : { 'content-disposition': `attachment; filename="${fileName}"` };
    app.get(path, async (_request, reply) => reply.type(type).headers(stored).send(bytes));
  }
  // Browsers ask for an icon by themselves.
  app.get('/favicon.ico', async (_request, reply) => reply.code(204).send());
  app.get('/view', async () => desk.view());
  app.get('/policies', async () => options.policies);
  app.get('/events', async (request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8', connection: 'keep-alive' });
    raw.socket?.setNoDelay(true);
    streams.add(raw, sessionOf(request) ?? '');
  });
  app.get('/qr', async (): Promise<Invitation> => {
    const { url, svg } = await invite();
    return { url, svg };
  });
  app.post('/answer', async (request, reply) => {
    const parsed = Answer.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send();
    const isKnown = !('device' in parsed.data) || isListed(parsed.data.device);
    if (!isKnown) return reply.code(404).send();
    const isTaken = desk.answer(parsed.data);
    await options.saved?.();
    return reply.code(isTaken || REPEATABLE.has(parsed.data.kind) ? 204 : 409).send();
  });
  app.addContentTypeParser(
    /^(?:image\/[\w.+-]+|application\/octet-stream)$/,
    { parseAs: 'buffer', bodyLimit: PHOTO_LIMIT_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post<{ Querystring: unknown }>('/photo', { bodyLimit: PHOTO_LIMIT_BYTES }, async (request, reply) => {
    const query = PhotoSent.safeParse(request.query);
    if (!query.success || !isListed(query.data.device)) return reply.code(404).send();
    if (!Buffer.isBuffer(request.body)) return reply.code(415).send();
    const photo = stripPhoto(request.body);
    if (photo.kind === 'refused') return refusePhoto(reply, 422, photo.why);
    const kept = desk.photo(query.data.device, photo, query.data.about);
    await options.saved?.();
    return kept === 'kept' ? reply.code(204).send() : refusePhoto(reply, 409, NOT_KEPT[kept]);
  });
  app.get<{ Querystring: unknown }>('/photo', async (request, reply) => {
    const query = PhotoAsked.safeParse(request.query);
    const photo = query.success ? desk.photoOf(query.data.device, query.data.name) : null;
    return photo === null ? reply.code(404).send() : reply.type(photo.type).send(photo.bytes);
  });
  const isListed = (id: string) => desk.view().devices.some((d) => d.id === id);
  const invite = async () => {
    const url = `http://${hostOf(listen)}:${portOf(app)}/join?key=${keys.mint()}`;
    return { url, ...(await renderQr(url)) };
  };
  await bind(app, options);
  return {
    port: portOf(app),
    invite,
    sessions: () => keys.sessions(),
    async [Symbol.asyncDispose]() {
      stopListening();
      streams[Symbol.dispose]();
      await app.close();
    },
  };
}

/** Said twice, they say the same. */
const REPEATABLE: ReadonlySet<Answer['kind']> = new Set(['take', 'release', 'pressed', 'again', 'skip', 'finish']);

const PhotoSent = z.strictObject({
  device: z.string(),
  about: z.coerce.number().pipe(PressOrdinal).optional(),
});
const PhotoAsked = z.strictObject({ device: z.string(), name: z.string() });

const NOT_KEPT: { readonly [R in Exclude<ReturnType<Desk['photo']>, 'kept'>]: Bilingual } = {
  'no-press': {
    de: 'Zu diesem Gerät wird nichts mehr geprüft. Das Foto wurde nicht aufgenommen.',
    en: 'Nothing is tested at this device any more. The photo was not recorded.',
  },
  enough: {
    de: 'Von diesem Gerät gibt es schon genug Fotos. Bitte tippen Sie den Text der Anzeige ab.',
    en: 'There are enough photos of this device. Please type what the display shows.',
  },
};

function refusePhoto(reply: FastifyReply, status: number, why: Bilingual): FastifyReply {
  return reply.code(status).send({ why } satisfies PhotoRefusal);
}

/** A page of the server's own leads on: after a link from elsewhere a redirect would not carry a strict cookie. */
const WELCOME =
  '<!doctype html><meta charset="utf-8"><title>Cutover</title><meta http-equiv="refresh" content="0;url=/"><a href="/">Cutover</a>\n';

function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(401).header('connection', 'close').send();
}

function isJoining({ method, url }: FastifyRequest): boolean {
  return method === 'GET' && url.startsWith('/join?');
}

function readKey({ url }: FastifyRequest): string {
  const key = new URLSearchParams(url.slice(url.indexOf('?'))).get('key') ?? '';
  return TOKEN.test(key) ? key : '';
}

function readCookie(header = ''): string | null {
  for (const part of header.split(';')) {
    const [name, value = ''] = part.trim().split('=');
    if (name === COOKIE && TOKEN.test(value)) return value;
  }
  return null;
}

/** Another name that leads here is another site's trick (DNS rebinding). */
function isOwnHost(request: FastifyRequest, listen: string, port: number): boolean {
  const names = [hostOf(listen), ...(listen.startsWith('127.') || listen === '::1' ? ['localhost'] : [])];
  const host = headerOf(request, 'host').toLowerCase();
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

/** Browsers name the page that sends; programs of our own need not. */
function isOwnOrigin(request: FastifyRequest): boolean {
  const origin = headerOf(request, 'origin');
  const site = headerOf(request, 'sec-fetch-site');
  const isForeign = origin !== '' && origin !== `http://${headerOf(request, 'host')}`;
  // Someone who follows a link to the page comes from elsewhere, and may.
  const mayCome = request.method === 'GET' && headerOf(request, 'sec-fetch-mode') === 'navigate';
  return !isForeign && (site === '' || site === 'same-origin' || site === 'none' || mayCome);
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function hostOf(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

function portOf(app: FastifyInstance): number {
  const bound = app.server.address();
  return bound === null || typeof bound === 'string' ? 0 : bound.port;
}

async function bind(app: FastifyInstance, { listen, port }: PageServerOptions): Promise<void> {
  try {
    const bindIt = (wanted: number) => app.listen({ host: listen, port: wanted });
    await (port === 0 ? bindFree(bindIt) : bindKept(port, bindIt));
  } catch (cause) {
    throw new LabFault('page-port', `The page cannot be served on ${hostOf(listen)}:${port}.`, {
      stage: 'start',
      advice: 'Choose another port with --page-port, and check that the address of --listen belongs to this machine.',
      cause,
    });
  }
}
