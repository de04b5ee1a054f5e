import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { startEmbedded } from '../servers/embedded/start.ts';
import { createMailStore } from '../servers/mail-store.ts';
import { PORTS } from '../vocabulary/trial.ts';

/**
 * Servers of the modes that are named, in a process of their own so that they have a core of their own. Prints where
 * each canonical port is bound, as one line of JSON, and ends with its standard input.
 */
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const store = createMailStore();
const servers = await Promise.all(
  readModes(process.argv.slice(2)).map(async (mode) => startEmbedded({ mode, pki, store, listen: '127.0.0.1' })),
);
const bound = servers.map((server) => ({
  mode: server.mode.id,
  ports: PORTS.map((port) => ({ port, bound: server.address(port).port })),
}));
console.log(JSON.stringify(bound));
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
