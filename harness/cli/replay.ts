import { openContainerLab } from '../containers/open-lab.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { readModes } from '../modes/read-mode.ts';
import { mintPki, type Pki } from '../pki/mint.ts';
import { mutateHellos } from '../replay/mutate-hello.ts';
import { type Agreement, measureAgreement, renderDifferences } from '../replay/measure-agreement.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import { twinOf } from '../replay/twin.ts';
import { openContainerServers } from '../servers/containers/open-servers.ts';
import { refusalsOf } from '../servers/containers/refusals.ts';
import type { MailServer } from '../servers/contract.ts';
import { startEmbedded } from '../servers/embedded/start.ts';
import { createMailStore } from '../servers/mail-store.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Port } from '../vocabulary/trial.ts';
import { selectClients } from './corpus-clients.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { demandOwnServers } from './own-servers.ts';
import { printable } from './printable.ts';
import { replayToHosts } from './replay-hosts.ts';

export interface ReplayOptions {
  readonly mode: readonly string[];
  readonly engine: KnownEngine | 'hosts';
  readonly port?: readonly Port[];
  readonly device?: readonly string[];
  readonly mutated?: number;
  readonly seed: number;
  readonly corpus: string;
  readonly json?: boolean;
  readonly iOperateTheseServers?: boolean;
  /** ms between two connections to servers that exist. */
  readonly pause: number;
}

const DEFAULT_PORTS: readonly Port[] = [465, 587, 993, 143];

/** Of one mode's server at one place. */
export interface Replayed {
  readonly mode: string;
  readonly port: Port;
  /** Of servers that exist: which of them. */
  readonly place?: { readonly name: string; readonly address: string };
  readonly agreement: Agreement;
}

/** `cutover replay`: exit 1 when a server does otherwise than predicted, 2 when one does not answer. */
export async function replayCorpus(options: ReplayOptions): Promise<number> {
  if (options.engine === 'hosts') demandOwnServers(options, 'hundreds of questions');
  const modes = readModes(options.mode, options.engine === 'containers' ? refusalsOf : undefined);
  const hellos = chooseHellos(options);
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  const ports = options.port ?? DEFAULT_PORTS;
  const found: Replayed[] = [];
  const results =
    options.engine === 'hosts'
      ? replayToHosts(hellos, modes, { ports, pauseMs: options.pause, signal })
      : replayToEngine(hellos, modes, { ports, engine: options.engine, signal });
  for await (const replayed of results) {
    if (signal.aborted) break;
    found.push(replayed);
    if (options.json !== true) for (const line of renderReplayed(replayed)) console.log(printable(line));
  }
  if (signal.aborted) return EXIT.interrupted;
  if (options.json === true) console.log(JSON.stringify(found.map(summarise), null, 2));
  if (found.some(({ agreement }) => agreement.differing.length > 0)) return EXIT.different;
  return found.some(({ agreement }) => agreement.notCompared.length > 0) ? EXIT.inconclusive : EXIT.expected;
}

async function* replayToEngine(
  hellos: readonly RecordedHello[],
  modes: readonly Mode[],
  { ports, engine, signal }: { readonly ports: readonly Port[]; engine: KnownEngine; signal: AbortSignal },
): AsyncGenerator<Replayed> {
  await using servers = await openServers(engine, signal);
  for (const mode of modes) {
    // oxlint-disable-next-line no-await-in-loop -- one mode after the other: each has the whole machine
    const pair = await servers.start(mode);
    for (const port of ports) {
      const endpoint = ENDPOINTS.find((e) => e.port === port);
      if (endpoint === undefined) throw new Error(`no listener is for port ${port}`);
      const rules = rulesOf(engine, endpoint.protocol, mode);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const agreement = await measureAgreement(hellos, { ...pair, rules, endpoint, signal });
      yield { mode: mode.id, port, agreement };
    }
  }
}

function chooseHellos({ corpus, device, mutated, seed }: ReplayOptions): readonly RecordedHello[] {
  const entries = readCorpus([PACKAGED_CORPUS, corpus]);
  const wanted = new Set(selectClients(entries, device).flatMap(({ hellos }) => hellos));
  const chosen = entries.filter(({ id }) => wanted.has(id)).map(({ hello }) => hello);
  return mutated === undefined ? chosen : mutateHellos(chosen, mutated, seed);
}

interface Servers extends AsyncDisposable {
  /** The servers of a mode, and the twin that tells its certificate from other causes; none for a chain of one's own. */
  start(mode: Mode): Promise<{ readonly server: MailServer; readonly twin?: MailServer }>;
}

/** Servers of one engine, by the mode. */
export async function openServers(engine: KnownEngine, signal: AbortSignal): Promise<Servers> {
  const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
  await using unlessReady = new AsyncDisposableStack();
  const opened = unlessReady.use(new AsyncDisposableStack());
  const startOne = engine === 'embedded' ? embedded(pki, opened) : await containers(pki, opened, signal);
  unlessReady.move();
  return {
    async start(mode) {
      const twin = twinOf(mode);
      const [server, other] = await Promise.all([startOne(mode), twin === null ? undefined : startOne(twin)]);
      return { server, ...(other === undefined ? {} : { twin: other }) };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type StartOne = (mode: Mode) => Promise<MailServer>;

function embedded(pki: Pki, opened: AsyncDisposableStack): StartOne {
  const store = createMailStore();
  return async (mode) => opened.use(await startEmbedded({ mode, pki, store, listen: '127.0.0.1' }));
}

async function containers(pki: Pki, opened: AsyncDisposableStack, signal: AbortSignal): Promise<StartOne> {
  const lab = opened.use(await openContainerLab());
  const engine = opened.use(await openContainerServers({ pki, lab, signal }));
  return (mode) => engine.start(mode);
}

function renderReplayed({ mode, port, place, agreement }: Replayed): readonly string[] {
  const { compared, works, differing, notCompared } = agreement;
  const where = `${mode}, ${place === undefined ? '' : `${place.name} at ${place.address}, `}port ${port}`;
  const because = Map.groupBy(notCompared, ({ why }) => why);
  return [
    compared === 0
      ? `${where}: no answer to compare`
      : `${where}: ${compared - differing.length} of ${compared} as predicted; ${works} work, ${compared - works} do not`,
    ...renderDifferences(agreement).map((line) => `  ${line}`),
    ...[...because].map(([why, same]) => `  ${same.length} not compared: ${why}`),
  ];
}

function summarise({ agreement, ...where }: Replayed) {
  const { compared, works, notCompared } = agreement;
  const differences = renderDifferences(agreement);
  return { ...where, compared, works, differences, notCompared: notCompared.map((n) => n.why) };
}
