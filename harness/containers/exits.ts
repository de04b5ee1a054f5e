import { ask, type Engine } from './engine.ts';
import { RUN_LABEL } from './labels.ts';
import { createLineReader } from './log-lines.ts';

/** Tells of containers that ended, and of the engine's end. */
export interface Exits extends Disposable {
  /** Calls when this container ended; until it is called off. */
  watch(id: string, onExit: () => void): () => void;
}

/** Follows the engine's events of one run's containers: one connection for all of them. */
export async function watchExits(engine: Engine, run: string): Promise<Exits> {
  const watchers = new Map<string, () => void>();
  const filters = { type: ['container'], event: ['die'], label: [`${RUN_LABEL}=${run}`] };
  const stream = await ask('following its events', engine.getEvents({ filters: JSON.stringify(filters) }));
  const reader = createLineReader((line) => {
    const [, id] = /"id":"([0-9a-f]{64})"/i.exec(line) ?? [];
    if (id !== undefined) watchers.get(id)?.();
  }, 1 << 16);
  stream.on('data', (chunk: Buffer) => reader.push(chunk));
  // Without events nothing is known any more: everybody looks for themselves.
  const onEnd = (): void => {
    for (const onExit of watchers.values()) onExit();
  };
  stream.on('error', onEnd);
  stream.on('end', onEnd);
  return {
    watch(id, onExit) {
      watchers.set(id, onExit);
      return () => void watchers.delete(id);
    },
    [Symbol.dispose]: () => {
      watchers.clear();
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
    },
  };
}
