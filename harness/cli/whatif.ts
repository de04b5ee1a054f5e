import type { CorpusClient } from '../corpus/clients.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import { readModes } from '../modes/read-mode.ts';
import { type Compared, compareModes, groupByCause, type Transition } from '../predict/compare-modes.ts';
import { type ClientPrediction, preparePredictionOfClient } from '../predict/predict-client.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { PROTOCOLS } from '../vocabulary/trial.ts';
import { selectClients } from './corpus-clients.ts';
import { EXIT } from './exit.ts';
import { changeMode } from './parse-change.ts';
import { printable } from './printable.ts';

export interface WhatIfOptions {
  readonly mode: readonly string[];
  readonly change?: readonly string[];
  readonly against?: string;
  readonly engine: KnownEngine;
  readonly device?: readonly string[];
  readonly corpus: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `cutover whatif`: predictions only, and labelled so; what was measured stays as it is. */
export function showWhatIf(options: WhatIfOptions): number {
  const modes = readModes(options.mode);
  const clients = selectClients(readCorpus([PACKAGED_CORPUS, options.corpus]), options.device);
  const [first] = modes;
  if (first === undefined) return EXIT.usage;
  if (modes.length > 1)
    showMatrix(
      modes.map((mode) => changeMode(mode, options.change ?? [])),
      clients,
      options,
    );
  else showComparison(first, clients, options);
  return EXIT.expected;
}

type Predict = (client: CorpusClient) => ClientPrediction;

/** Rules depend on the protocol: Postfix and Dovecot answer differently. */
function preparePredict(mode: Mode, engine: KnownEngine): Predict {
  const byProtocol = new Map(PROTOCOLS.map((p) => [p, preparePredictionOfClient(rulesOf(engine, p, mode))]));
  return (client) => {
    const predict = byProtocol.get(client.protocol);
    if (predict === undefined) throw new Error(`no rules for ${client.protocol}`);
    return predict(client);
  };
}

function showComparison(mode: Mode, clients: readonly CorpusClient[], options: WhatIfOptions): void {
  const { change, engine } = options;
  const base = options.against ?? (change === undefined ? 'today' : null);
  const before = base === null ? mode : (readModes([base])[0] ?? mode);
  const after = changeMode(mode, change ?? []);
  const compared = compareModes(clients, preparePredict(before, engine), preparePredict(after, engine));
  const titles = { before: before.id, after: [after.id, ...(change ?? [])].join(' ') };
  if (options.json === true) {
    const entries = compared.map(({ client, before: b, after: a, transition }) => ({
      ...identify(client, engine),
      transition,
      before: { mode: titles.before, ...b },
      after: { mode: titles.after, ...a },
    }));
    console.log(JSON.stringify(entries, null, 2));
    return;
  }
  for (const line of renderComparison(compared, titles, options)) console.log(printable(line));
}

function identify({ id, device, model, emulated, hellos }: CorpusClient, engine: KnownEngine) {
  return { basis: 'predicted', engine, client: id, device, model, emulated, hellos };
}

const TITLES: readonly (readonly [Transition, string])[] = [
  ['lost', 'LOST'],
  ['gained', 'GAINED'],
  ['still-fails', 'FAILS WITH BOTH'],
  ['cannot-be-predicted', 'CANNOT BE PREDICTED'],
  ['still-works', 'WORKS WITH BOTH'],
];

function renderComparison(
  compared: readonly Compared<CorpusClient>[],
  { before, after }: { readonly before: string; readonly after: string },
  { engine, all }: WhatIfOptions,
): readonly string[] {
  const emulated = compared.filter(({ client }) => client.emulated).length;
  const lines = [
    `predicted, not measured: ${after} instead of ${before}, servers ${engine}`,
    `${compared.length} recorded clients (${compared.length - emulated} real, ${emulated} emulated)`,
  ];
  for (const [transition, title] of TITLES) {
    const groups = groupByCause(compared, transition);
    const count = groups.reduce((sum, { members }) => sum + members.length, 0);
    lines.push('', `${title}: ${count}`);
    const isNews = transition === 'lost' || transition === 'gained';
    for (const { cause, members } of groups) {
      if (transition !== 'still-works') lines.push(`  ${cause.replace(/\.$/, '')}: ${members.length}`);
      if (isNews || all === true) lines.push(...members.map((one) => `    ${renderMember(one)}`));
    }
  }
  return lines;
}

function renderMember({ client, before, after, transition }: Compared<CorpusClient>): string {
  const side = transition === 'gained' ? before : after;
  const works = side.outcome === 'works' && side.beyondHello === 'not-recorded' ? ' (only its hello is known)' : '';
  return `${client.id} (${client.model}): ${side.because}${works}`;
}

function showMatrix(modes: readonly Mode[], clients: readonly CorpusClient[], options: WhatIfOptions): void {
  const { engine } = options;
  const columns = modes.map((mode) => ({ mode: mode.id, predict: preparePredict(mode, engine) }));
  const rows = clients.map((client) => ({
    client,
    cells: columns.map(({ mode, predict }) => ({ mode, ...predict(client) })),
  }));
  if (options.json === true) {
    const entries = rows.map(({ client, cells }) => ({ ...identify(client, engine), modes: cells }));
    console.log(JSON.stringify(entries, null, 2));
    return;
  }
  const width = Math.max(...clients.map(({ id }) => id.length)) + 2;
  console.log(`predicted, not measured; servers ${engine}`);
  console.log((''.padEnd(width) + columns.map(({ mode }) => mode.padEnd(CELL)).join('')).trimEnd());
  for (const { client, cells } of rows) {
    console.log(
      printable(
        client.id.padEnd(width) +
          cells
            .map((cell) => renderCell(cell).padEnd(CELL))
            .join('')
            .trimEnd(),
      ),
    );
  }
}

const CELL = 22;

function renderCell(cell: ClientPrediction): string {
  if (cell.outcome === 'works') return `works, ${cell.negotiated.version}`;
  return 'cause' in cell ? cell.cause : '?';
}
