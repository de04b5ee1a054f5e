import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerLab } from '../../containers/contract.ts';
import type { Pki } from '../../pki/mint.ts';
import type { EngineServers, MailServer } from '../contract.ts';
import { type MailFolder, openMailFolder } from './mail-folder.ts';
import { startContainerServer } from './start.ts';

export interface ContainerServersOptions {
  readonly pki: Pki;
  /** Disposed of by whoever opened it, after these servers. */
  readonly lab: ContainerLab;
  readonly newPassword?: () => string;
  readonly signal?: AbortSignal;
}

/** The engine `containers`: Postfix and Dovecot of each mode in one network without a way out, over one mail folder. */
export async function openContainerServers(
  options: ContainerServersOptions,
): Promise<EngineServers & { readonly store: MailFolder }> {
  const { pki, lab, newPassword, signal } = options;
  await using unlessReady = new AsyncDisposableStack();
  // Not waited for here: while the engine makes it, this process mints the certificates of the modes.
  const network = lab.openNetwork({ name: 'servers', neighbours: true });
  unlessReady.defer(async () => {
    const [made] = await Promise.allSettled([network]);
    if (made.status === 'fulfilled') await made.value[Symbol.asyncDispose]();
  });
  const path = join(lab.folder, 'mail');
  mkdirSync(path);
  const store = openMailFolder(path, newPassword === undefined ? {} : { newPassword });
  const servers = new Set<Promise<MailServer>>();
  const names = new Map<string, number>();
  const opened = unlessReady.move();
  return {
    engine: 'containers',
    store,
    async start(mode) {
      const count = (names.get(mode.id) ?? 0) + 1;
      names.set(mode.id, count);
      const name = count === 1 ? mode.id : `${mode.id}-${count}`;
      const starting = startContainerServer({
        mode,
        pki,
        lab,
        network,
        folder: store,
        name,
        ...(signal === undefined ? {} : { signal }),
      });
      servers.add(starting);
      return starting;
    },
    async [Symbol.asyncDispose]() {
      // All at once: one after the other would take as many times as long.
      const running = await Promise.allSettled(servers);
      const closed = await Promise.allSettled(
        running.map(async (one) => (one.status === 'fulfilled' ? one.value[Symbol.asyncDispose]() : undefined)),
      );
      await opened.disposeAsync();
      for (const one of closed) if (one.status === 'rejected') throw one.reason;
    },
  };
}
