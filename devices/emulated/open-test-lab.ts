import { readModes } from '../../harness/modes/read-mode.ts';
import { mintPki } from '../../harness/pki/mint.ts';
import { startEmbedded } from '../../harness/servers/embedded/start.ts';
import { createMailStore } from '../../harness/servers/mail-store.ts';
import { stackPath } from './stack-path.ts';
import { STACKS } from '../../harness/vocabulary/device.ts';

/** A server of one mode, its store and an account: for tests of the devices. */
export async function openTestLab(modeName: string) {
  const [mode] = readModes([modeName]);
  if (mode === undefined) throw new Error(`there is no mode ${modeName}`);
  const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
  const store = createMailStore();
  const server = await startEmbedded({ mode, pki, store, listen: '127.0.0.1' });
  const roots = { factory: pki.factoryRootPem, run: pki.runCaPem };
  return {
    mode,
    server,
    store,
    roots,
    account: store.openAccount(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Why stacks are missing on this machine, for the tests that are then skipped; null: all are there. */
export function missingStacks(): string | null {
  const reasons = STACKS.map(stackPath).flatMap((found) => ('reason' in found ? [found.reason] : []));
  return reasons[0] ?? null;
}
