import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../vocabulary/trial.ts';
import { type Answer, AnswerReader } from './read-answer.ts';
import type { Flight, Sent } from './render-flight.ts';
import { STARTTLS } from './starttls.ts';

export interface Target {
  readonly endpoint: Endpoint;
  readonly host: string;
  readonly port: number;
  /** ms without a byte from the server. */
  readonly idleMs: number;
}

export interface Replayed {
  readonly answer: Answer;
  /** Source port: joins with the server's sessions. 0: never connected. */
  readonly localPort: number;
}

/** A server that sends a byte now and then is never idle; no handshake takes longer. */
const TOTAL_MS = 60_000;
const MAX_DIALOGUE = 65_536;

/** Sends one recorded hello over the endpoint's dialogue and reads the answer. Whatever the server does is an answer. */
export function replayHello(flight: Flight, target: Target, signal?: AbortSignal): Promise<Replayed> {
  return new Promise((resolve) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    let localPort = 0;
    const total = setTimeout(() => end({ kind: 'silence', why: `no end of its answer in ${TOTAL_MS} ms` }), TOTAL_MS);
    const abort = () => end({ kind: 'silence', why: 'the replay was interrupted' });
    signal?.addEventListener('abort', abort, { once: true });
    let isOver = false;

    const end = (answer: Answer) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(total);
      signal?.removeEventListener('abort', abort);
      // A reset: thousands of connections would leave every port of this machine waiting for a minute.
      socket.resetAndDestroy();
      resolve({ answer, localPort });
    };
    const talk = openTalk(socket, flight, target, end);
    socket.setTimeout(target.idleMs);
    socket.on('connect', () => {
      localPort = socket.localPort ?? 0;
      talk.begin();
    });
    socket.on('data', (chunk: Buffer) => {
      if (!isOver) talk.hear(chunk);
    });
    socket.on('end', () => end(talk.ended('fin')));
    socket.on('timeout', () => end({ kind: 'silence', why: `no byte for ${target.idleMs} ms` }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isReset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (localPort !== 0 && isReset) end(talk.ended('reset'));
      else end({ kind: 'unreachable', why: error.code ?? error.message });
    });
    socket.on('close', () => end(talk.ended('fin')));
    if (signal?.aborted === true) abort();
  });
}

interface Talk {
  begin(): void;
  hear(chunk: Buffer): void;
  ended(how: 'fin' | 'reset'): Answer;
}

/** The lines before TLS, then the handshake. */
function openTalk(socket: Socket, flight: Flight, { endpoint }: Target, end: (answer: Answer) => void): Talk {
  const steps = endpoint.tls === 'implicit' ? [] : STARTTLS[endpoint.protocol];
  const reader = new AnswerReader();
  let at = 0;
  let said = '';
  let sent: Sent | null = null;

  const sayHello = () => {
    sent = flight.first();
    socket.write(sent.bytes);
  };
  const hearLines = (chunk: Buffer) => {
    said += chunk.toString('latin1');
    if (said.length > MAX_DIALOGUE) return end({ kind: 'no-tls', why: 'it talks without end before TLS' });
    for (let step = steps[at]; step !== undefined; step = steps[at]) {
      const match = step.answer.exec(said);
      if (match === null) return undefined;
      if (!step.good.test(match[0])) {
        return end({ kind: 'no-tls', why: `${step.what}: ${firstLine(match[0])}` });
      }
      said = said.slice(match.index + match[0].length);
      at += 1;
      if (step.next === null) sayHello();
      else socket.write(step.next);
    }
    return undefined;
  };
  const hearTls = (chunk: Buffer) => {
    const progress = reader.push(chunk);
    if (progress.kind === 'done') return end(progress.answer);
    if (progress.kind === 'more' || sent === null) return undefined;
    const again = flight.again(sent, progress);
    if (again === null) return end({ kind: 'rubbish', why: `it asks for a key of group ${progress.group ?? 'none'}` });
    socket.write(again);
    return undefined;
  };
  return {
    begin() {
      if (steps.length === 0) sayHello();
    },
    hear: (chunk) => (sent === null ? hearLines(chunk) : hearTls(chunk)),
    ended(how) {
      if (sent !== null) return reader.ended(how);
      return { kind: 'no-tls', why: `it ended (${how}) before TLS${said === '' ? '' : `: ${firstLine(said)}`}` };
    },
  };
}

function firstLine(text: string): string {
  return (
    text
      .split('\r\n', 1)[0]
      ?.replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 120) ?? ''
  );
}
