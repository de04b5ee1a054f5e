import type { CorpusClient } from '../corpus/clients.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import { HarnessFault } from '../faults.ts';
import { readModes } from '../modes/read-mode.ts';
import { type Compared, compareModes, groupByCause, isOpen, type Transition } from '../predict/compare-modes.ts';
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
  if (modes.length === 1) showComparison(first, clients, options);
  else if (options.against === undefined) showMatrix(modes, clients, options);
  else {
    throw new HarnessFault('several-modes', '--against compares with one mode, and --mode names several.', {
      advice: 'Name one mode, or leave --against out: several modes stand beside each other.',
      exitCode: 64,
    });
  }
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
  const titles = { before: before.id, after: titleOf(after, options) };
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

/** A mode that was changed is not what its name says. */
function titleOf({ id }: Mode, { change }: WhatIfOptions): string {
  return [id, ...(change ?? [])].join(' ');
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
  const works = side.outcome === 'works' && isHelloAlone(side) ? ' (only its hello is known)' : '';
  const open = transition === 'lost' && isOpen(before) ? ` (Not known before: ${before.because})` : '';
  return `${client.id} (${client.model}): ${side.because}${works}${open}`;
}

function isHelloAlone(predicted: ClientPrediction): boolean {
  return predicted.outcome === 'works' && predicted.beyondHello === 'not-recorded';
}

function showMatrix(modes: readonly Mode[], clients: readonly CorpusClient[], options: WhatIfOptions): void {
  const { engine, change = [] } = options;
  const columns = modes.map((mode) => {
    const changed = changeMode(mode, change);
    return { mode: mode.id, title: titleOf(changed, options), predict: preparePredict(changed, engine) };
  });
  const rows = clients.map((client) => ({
    client,
    cells: columns.map(({ mode, title, predict }) => ({ mode, title, predicted: predict(client) })),
  }));
  if (options.json === true) {
    const entries = rows.map(({ client, cells }) => ({
      ...identify(client, engine),
      modes: cells.map(({ title, predicted }) => ({ mode: title, ...predicted })),
    }));
    console.log(JSON.stringify(entries, null, 2));
    return;
  }
  const predictions = rows.flatMap(({ cells }) => cells.map(({ predicted }) => predicted));
  const changes = change.length === 0 ? '' : `, each with ${change.join(' ')}`;
  const table = [
    ['', ...columns.map(({ mode }) => mode)],
    ...rows.map(({ client, cells }) => [client.id, ...cells.map(({ predicted }) => renderCell(predicted))]),
  ];
  const lines = [
    `predicted, not measured; servers ${engine}${changes}`,
    ...alignColumns(table),
    ...LEGEND.filter(([isMeant]) => predictions.some(isMeant)).map(([, text]) => text),
  ];
  for (const line of lines) console.log(printable(line));
}

const LEGEND: readonly (readonly [(predicted: ClientPrediction) => boolean, string])[] = [
  [isHelloAlone, 'works*: as far as TLS goes; certificate, login and mail are not in a hello'],
  [({ outcome }) => outcome === 'cannot-be-predicted', '?: cannot be predicted; --json says why'],
];

const CELL = 22;

/** The first column as wide as it must be. */
function alignColumns(table: readonly (readonly string[])[]): readonly string[] {
  const width = table.reduce((most, [first = '']) => Math.max(most, first.length), 0);
  return table.map(([first = '', ...cells]) =>
    [first.padEnd(width), ...cells.map((cell) => cell.padEnd(CELL - 2))].join('  ').trimEnd(),
  );
}

function renderCell(cell: ClientPrediction): string {
  if (cell.outcome === 'works') return `works${isHelloAlone(cell) ? '*' : ''}, ${cell.negotiated.version}`;
  return 'cause' in cell ? cell.cause : '?';
}
