import { createServer, type ServerResponse } from 'node:http';
import { SAMPLES } from '../../harness/attend/photos/samples.ts';
import { Answer, type AttendView, type Beat, type Invitation } from '../../harness/vocabulary/attend.ts';
import { MODES } from '../fixtures/run.ts';
import type { AttendPage } from './bundle-attend-page.ts';

/** Plays the desk for the page's tests: shows what a test tells it to, and keeps what the page sends. */
export interface StandInDesk extends AsyncDisposable {
  readonly origin: string;
  readonly answers: readonly Answer[];
  readonly photos: readonly { readonly device: string; readonly type: string; readonly bytes: Buffer }[];
  /** To every page that is connected, and first to those that come later. */
  show(view: AttendView): void;
  /** To connected pages only: what an old view that overtook a new one looks like. */
  repeat(view: AttendView): void;
  beat(beat: Beat): void;
  /** The network is gone, and back. */
  cut(isCut: boolean): void;
  /** What every answer gets from now on. */
  answerWith(status: number, body?: object): void;
  /** Without it, each request gets 401. */
  admit(isAdmitted: boolean): void;
}

export async function startStandInDesk(page: AttendPage, invitation: Invitation): Promise<StandInDesk> {
  const answers: Answer[] = [];
  const photos: { device: string; type: string; bytes: Buffer }[] = [];
  const streams = new Set<ServerResponse>();
  let [current, cut, status, admitted]: [AttendView | null, boolean, number, boolean] = [null, false, 204, true];
  let refusal = '';

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://desk');
    const files: Readonly<Record<string, readonly [string, string]>> = {
      '/': ['text/html; charset=utf-8', page.html],
      '/attend.js': ['text/javascript', page.js],
      '/attend.css': ['text/css', page.css],
      '/policies': ['application/json', JSON.stringify(MODES)],
      '/qr': ['application/json', JSON.stringify(invitation)],
      '/view': ['application/json', JSON.stringify(current)],
    };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (!admitted) return response.writeHead(401).end();
      if (url.pathname === '/favicon.ico') return response.writeHead(204).end();
      const file = files[url.pathname];
      if (file !== undefined) return response.writeHead(200, { 'content-type': file[0] }).end(file[1]);
      if (url.pathname === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        streams.add(response);
        response.on('close', () => streams.delete(response));
        if (current !== null) response.write(eventOf('view', current));
        return undefined;
      }
      if (url.pathname === '/photo' && request.method === 'GET') {
        return response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from(SAMPLES.jpeg, 'base64'));
      }
      if (url.pathname === '/photo') {
        const type = request.headers['content-type'] ?? '';
        photos.push({ device: url.searchParams.get('device') ?? '', type, bytes: body });
      } else if (url.pathname === '/answer') {
        answers.push(Answer.parse(JSON.parse(body.toString('utf8'))));
      } else return response.writeHead(404).end();
      return response.writeHead(status).end(refusal);
    });
  });
  server.on('connection', (socket) => cut && socket.destroy());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const send = (text: string) => {
    for (const stream of streams) stream.write(text);
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    answers,
    photos,
    show(view) {
      current = view;
      send(eventOf('view', view));
    },
    repeat: (view) => send(eventOf('view', view)),
    beat: (beat) => send(eventOf('beat', beat)),
    cut(isCut) {
      cut = isCut;
      if (isCut) server.closeAllConnections();
    },
    answerWith(code, body) {
      status = code;
      refusal = body === undefined ? '' : JSON.stringify(body);
    },
    admit(isAdmitted) {
      admitted = isAdmitted;
      if (!isAdmitted) server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
