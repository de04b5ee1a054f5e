import { Readable } from 'node:stream';
import { HarnessFault } from '../faults.ts';
import { ask, type Engine, messageOf, statusOf } from './engine.ts';
import type { ImageSource } from './image-source.ts';
import { BASE_LABEL, IMAGE_LABEL, SOURCE_LABEL } from './labels.ts';
import { createLineReader } from './log-lines.ts';

/** What Dockerfiles name as BASE by default. */
export const DEFAULT_BASE = 'debian:bookworm-slim';

/** Of a failed build's log: enough to hold what a compiler or apt complains about. */
const LAST_LINES = 20;
const MAX_LINE_BYTES = 1 << 16;

export interface BuildImageOptions {
  readonly tag: string;
  readonly base: string;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Builds by the engine's classic builder, which every engine has. testcontainers' own builder tells neither the log nor
 * why it failed, so this uses the connection that it opened. Throws HarnessFault `image-failed`.
 */
export async function buildImage(
  engine: Engine,
  { name, archive, hash, folder }: ImageSource,
  { tag, base, onLine, signal }: BuildImageOptions,
): Promise<void> {
  const last: string[] = [];
  const fail = (why: string): HarnessFault =>
    new HarnessFault(
      'image-failed',
      [`${folder}/Dockerfile: building ${name} failed: ${why}`, ...last].join('\n  | '),
      {
        advice: `The lines above are the end of its log; all of it: \`npx cutover images build ${name} --verbose\`.`,
      },
    );
  const doing = `building the image ${name}`;
  const stream = await ask(
    doing,
    engine
      .buildImage(Readable.from([archive]), {
        t: tag,
        buildargs: { BASE: base },
        labels: { [IMAGE_LABEL]: name, [SOURCE_LABEL]: hash, [BASE_LABEL]: base },
        forcerm: true,
        version: '1',
        ...(signal === undefined ? {} : { abortSignal: signal }),
      })
      .catch((cause: unknown) => {
        signal?.throwIfAborted();
        // 400: it does not understand the Dockerfile.
        if (statusOf(cause) === 400) throw fail(messageOf(cause));
        throw cause;
      }),
    Infinity,
  );
  const failure = await ask(
    doing,
    followBuild(stream, (line) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      onLine(line);
    }),
    Infinity,
  );
  signal?.throwIfAborted();
  if (failure !== null) throw fail(failure);
}

/** The image's id, pulled if it is not there. Throws HarnessFault `no-base`. */
export async function provideBase(engine: Engine, base: string, signal?: AbortSignal): Promise<string> {
  const known = await findId(engine, base);
  if (known !== null) return known;
  try {
    const failure = await followBuild(
      await engine.pull(base, signal === undefined ? {} : { abortSignal: signal }),
      () => {},
    );
    const id = failure === null ? await findId(engine, base) : null;
    if (id !== null) return id;
    throw new Error(failure ?? 'it is still not there');
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HarnessFault('no-base', `the image ${base} is not here and cannot be pulled: ${messageOf(cause)}`, {
      cause,
      advice:
        'Make it from Debian packages, as root: `harness/containers/make-base-image.sh`; or name one that is here with --base.',
    });
  }
}

async function findId(engine: Engine, image: string): Promise<string | null> {
  try {
    return (await engine.getImage(image).inspect()).Id;
  } catch (cause) {
    if (statusOf(cause) === 404) return null;
    return ask(`looking for ${image}`, Promise.reject(cause));
  }
}

/** Reads the engine's progress, a JSON object a line: why it failed, or null when it did not. */
async function followBuild(stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<string | null> {
  let failure: string | null = null;
  const text = createLineReader((line) => line.trim() !== '' && onLine(line), MAX_LINE_BYTES);
  const reader = createLineReader((json) => {
    const { stream: said, error } = parseProgress(json);
    if (said !== undefined) text.push(Buffer.from(said));
    if (error !== undefined) failure = error;
  }, MAX_LINE_BYTES);
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => reader.push(chunk));
    stream.on('error', reject);
    stream.on('end', resolve);
    stream.on('close', resolve);
  });
  reader.end();
  text.end();
  return failure;
}

function parseProgress(json: string): { readonly stream?: string; readonly error?: string } {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null) return {};
    return {
      ...('stream' in value && typeof value.stream === 'string' ? { stream: value.stream } : {}),
      ...('error' in value && typeof value.error === 'string' ? { error: value.error } : {}),
    };
  } catch {
    return {};
  }
}
