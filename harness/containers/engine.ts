import { existsSync } from 'node:fs';
import http from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { createDeadline } from '../deadline.ts';
import { HarnessFault } from '../faults.ts';

/** The engine's API as testcontainers opened it. Stays behind the door of this folder. */
export type Engine = ContainerRuntimeClient['container']['dockerode'];

export type EngineAnswer =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string; readonly advice: string };

/** A healthy engine answers in milliseconds; one that is just starting in a second. */
const ANSWER_MS = 3_000;

const INSTALL = 'Install and start a container engine (harness/containers/README.md), or use `--engine embedded`.';

/** Asks whether a container engine answers on this machine. Milliseconds; loads no package. */
export async function askEngine(): Promise<EngineAnswer> {
  const where = locateEngine();
  if (where.kind === 'missing') return where;
  try {
    return { kind: 'ready', version: await askVersion(where.dial) };
  } catch (fault) {
    const code = codeOf(fault);
    const why = `no container engine answers at ${where.name}: ${messageOf(fault)}`;
    if (code === 'EACCES')
      return { kind: 'missing', why, advice: 'Join the group that owns the socket (docker), log in again, and retry.' };
    return { kind: 'missing', why, advice: INSTALL };
  }
}

/** Connects to the engine. Throws HarnessFault `no-engine` when none answers. */
export async function connectEngine(): Promise<{ readonly engine: Engine; readonly version: string }> {
  const answer = await askEngine();
  if (answer.kind === 'missing') throw new HarnessFault('no-engine', answer.why, { advice: answer.advice });
  // 0.3 to 1.5 s: only who needs an engine pays for it.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    const client = await getContainerRuntimeClient();
    return { engine: client.container.dockerode, version: answer.version };
  } catch (cause) {
    throw new HarnessFault('no-engine', `the container engine cannot be used: ${messageOf(cause)}`, {
      cause,
      advice: INSTALL,
    });
  }
}

/** Creating a container takes seconds on a busy machine; an engine that says nothing for so long hangs. */
const PATIENCE_MS = 90_000;
/** Closing must come to an end: what an engine does not remove in this time is swept by the next run. */
const REMOVING_MS = 30_000;

/**
 * Runs one request; what goes wrong becomes a HarnessFault that says what was being done.
 *
 * @param patienceMs Given up after this long. Infinity: where the engine works as long as it likes.
 */
export async function ask<T>(doing: string, request: Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  try {
    return await within(patienceMs, request);
  } catch (cause) {
    throw renderFault(doing, cause);
  }
}

/** Like `ask`, for removing: what is gone already, or is being removed by somebody else, is no fault. */
export async function askGone(doing: string, request: Promise<unknown>): Promise<void> {
  try {
    await within(REMOVING_MS, request);
  } catch (cause) {
    const isGone = statusOf(cause) === 404 || /already in progress/.test(messageOf(cause));
    if (!isGone) throw renderFault(doing, cause);
  }
}

/** Closing must not hide what ended a run: what could not be removed is tried again, and told, at the lab's end. */
export async function leaveToLab(removing: Promise<void>): Promise<void> {
  await removing.catch(() => {});
}

async function within<T>(ms: number, request: Promise<T>): Promise<T> {
  if (ms === Infinity) return request;
  using deadline = createDeadline({ totalMs: ms });
  const raced = await deadline.race(request);
  if (raced.kind === 'finished') return raced.value;
  throw new Error(`no answer within ${ms / 1000} s`);
}

function renderFault(doing: string, cause: unknown): unknown {
  if (cause instanceof HarnessFault || (cause instanceof Error && cause.name === 'AbortError')) return cause;
  const message = messageOf(cause);
  if (statusOf(cause) === undefined) {
    return new HarnessFault('engine-gone', `the container engine stopped answering while ${doing}: ${message}`, {
      cause,
      advice: 'Start it again and run once more; what was recorded is kept, what it still holds is swept.',
    });
  }
  if (/non-overlapping|all predefined address pools/.test(message)) {
    return new HarnessFault('no-subnet', `the container engine has no free network while ${doing}`, {
      cause,
      advice: 'Remove networks that nobody uses: `docker network ls`, `docker network rm NAME`.',
    });
  }
  return new HarnessFault('engine-refused', `the container engine refused ${doing}: ${message}`, {
    cause,
    advice: 'Its own log says more (`journalctl -u docker`).',
  });
}

/** HTTP status of an engine's answer; undefined when it gave none. */
export function statusOf(cause: unknown): number | undefined {
  const status = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** The engine's own words: "(HTTP code 404) no such container - No such container: x" becomes its last part. */
export function messageOf(cause: unknown): string {
  const json = cause instanceof Error && 'json' in cause ? cause.json : undefined;
  const told = typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;
  if (typeof told === 'string') return told;
  return cause instanceof Error ? cause.message : String(cause);
}

type Dial = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Located = { readonly kind: 'found'; readonly name: string; readonly dial: Dial };

function locateEngine(): Located | Extract<EngineAnswer, { kind: 'missing' }> {
  const told = process.env['DOCKER_HOST'];
  if (told !== undefined && told !== '') return parseDockerHost(told);
  const places = socketPlaces();
  const socketPath = places.find((place) => existsSync(place));
  if (socketPath === undefined)
    return { kind: 'missing', why: `no container engine here (looked for ${places.join(', ')})`, advice: INSTALL };
  return { kind: 'found', name: socketPath, dial: { socketPath } };
}

/** Where testcontainers looks as well, in its order. */
export function socketPlaces(): readonly string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const told = process.env['DOCKER_HOST'] ?? '';
  return [
    ...(told.startsWith('unix:') && URL.canParse(told) ? [new URL(told).pathname] : []),
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(homedir(), '.docker', 'run', 'docker.sock'),
  ];
}

function parseDockerHost(told: string): ReturnType<typeof locateEngine> {
  const url = URL.canParse(told) ? new URL(told) : null;
  if (url?.protocol === 'unix:') return { kind: 'found', name: url.pathname, dial: { socketPath: url.pathname } };
  if (url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) && url.port !== '')
    return { kind: 'found', name: url.host, dial: { host: url.hostname, port: Number(url.port) } };
  return {
    kind: 'missing',
    why: `DOCKER_HOST is ${told}: containers mount folders of this host, so the engine must run on it`,
    advice: 'Point DOCKER_HOST to a socket of this machine (unix:///…), or unset it.',
  };
}

async function askVersion(dial: Dial): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...dial, path: '/version', timeout: ANSWER_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > 1 << 16) request.destroy(new Error('it does not speak as a container engine does'));
      });
      response.on('error', reject);
      response.on('end', () => {
        const [, version] = /"Version":"([^"]{1,80})"/.exec(text) ?? [];
        if (response.statusCode === 200 && version !== undefined) resolve(version);
        else reject(new Error('it does not speak as a container engine does'));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    request.on('error', reject);
  });
}

function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : undefined;
}
