import { stripVTControlCharacters, styleText } from 'node:util';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Remedy, Verdict, VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';
import { coverageOf, renderCoverage } from '../coverage.ts';
import { otherAnswers, renderWord } from '../other-engines.ts';
import { type FindOutcome, outcomesOf, renderOutcome } from '../outcomes.ts';
import { predictionsText } from '../predictions-text.ts';
import { RELAY_RECIPE } from '../remedy-texts.ts';
import { renderTrait, serverTraits } from '../server-traits.ts';
import { SHORT_SECURITY } from '../setting-words.ts';

export interface TableOptions {
  /** Width in characters; rows never exceed it. Piped output: 160 or what the reader can take. */
  readonly columns: number;
  readonly color: boolean;
  /** With them, what each policy mode did as configured gets a column. */
  readonly records?: readonly Record[];
  /** The day that "what to do" is said on: a transition host that has ended is no advice. Default: now. */
  readonly asOf?: Date;
  /** Of the folder that the run is in. */
  readonly servers?: Pick<ReportInput, 'verdicts' | 'outranked' | 'runs'>;
}

/** The table that ends a run, for QA, in English and in the words of the files. No trailing line end. */
export function renderTable(verdicts: readonly Verdict[], devices: readonly Device[], options: TableOptions): string {
  const modes = options.records === undefined ? [] : modesOf(options.records);
  const find = outcomesOf(options.records ?? []);
  const head = ['device', '', 'verdict', 'cause', 'sure', ...modes, 'what to do'];
  const today = (options.asOf ?? new Date()).toISOString().slice(0, 10);
  const rows = verdicts.map((v) => rowOf(v, modes, find, today));
  const widths = fit(head, rows, options.columns);
  const narrow = widthOf(widths) > options.columns;
  const body = rows.flatMap((row, i) => {
    const style = COLORS[verdicts[i]?.verdict ?? 'unknown'];
    const lines = narrow ? stack(head, row, options.columns) : linesOf(row, widths);
    return lines.map((line) => paint(style, line, options.color));
  });
  return [
    ...wrap(renderCoverage(coverageOf(verdicts, devices), 'en'), options.columns),
    '',
    ...(narrow ? [] : linesOf(head, widths)).map((line) => paint('bold', line, options.color)),
    ...body,
    ...notesOf(verdicts, options).flatMap(({ title, lines }) => [
      '',
      ...wrap(title, options.columns),
      ...lines.flatMap((line) => indent(plain(line), options.columns)),
    ]),
  ].join('\n');
}

interface Note {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * What stands below the table: where the recipe of a measured relay is, what is a fact about the servers, and how far
 * predictions are as measured.
 */
function notesOf(verdicts: readonly Verdict[], { servers }: TableOptions): readonly Note[] {
  const shown = new Set(verdicts.map((v) => `${v.device} ${v.direction}`));
  const counting = servers?.verdicts.filter((v) => shown.has(`${v.device} ${v.direction}`)) ?? [];
  const differing = counting.flatMap((v) => {
    const others = otherAnswers(v, servers?.outranked ?? []);
    const answers = [v, ...others].map((o) => `${o.engine} ${renderWord(o)}`);
    return others.length === 0 ? [] : [`${v.device} ${v.direction}: ${answers.join('; ')}`];
  });
  const engines = new Set([...verdicts, ...(differing.length === 0 ? [] : counting)].map((v) => v.engine));
  const traits = serverTraits(servers?.runs ?? []).filter((t) => engines.has(t.engine));
  const relayed = verdicts.filter((v) => v.relay !== undefined).map((v) => `${v.device} ${v.direction}`);
  return [
    { title: `Works through a relay (measured), recipe in ${RELAY_RECIPE}:`, lines: relayed },
    { title: 'Engines answered differently; the first one counts:', lines: differing },
    { title: 'About the servers:', lines: traits.map(renderTrait) },
    { title: 'Predicted from their hellos, beside what was measured:', lines: predictionLines(verdicts) },
  ].filter(({ lines }) => lines.length > 0);
}

/** All devices in one line; then each that is not as predicted. */
function predictionLines(verdicts: readonly Verdict[]): readonly string[] {
  const compared = verdicts.flatMap(({ device, direction, predictions }) =>
    predictions === undefined ? [] : [{ name: `${device} ${direction}`, predictions }],
  );
  const sum = (key: 'agree' | 'of' | 'notPredicted') => compared.reduce((all, one) => all + one.predictions[key], 0);
  const all = { agree: sum('agree'), of: sum('of'), notPredicted: sum('notPredicted') };
  const differing = compared.filter(({ predictions }) => predictions.agree < predictions.of);
  return compared.length === 0
    ? []
    : [
        predictionsText({ predictions: all }, 'en') ?? '',
        ...differing.map((one) => `${one.name}: ${predictionsText(one, 'en') ?? ''}`),
      ];
}

const COLORS: Readonly<{ [V in VerdictWord]: 'green' | 'yellow' | 'red' | 'gray' }> = {
  works: 'green',
  'works-after-change': 'yellow',
  'works-after-update': 'yellow',
  'legacy-only': 'yellow',
  'stops-working': 'red',
  'fails-already': 'red',
  unknown: 'gray',
};

function rowOf(v: Verdict, modes: readonly string[], find: FindOutcome, today: string): readonly string[] {
  const outcomes = modes.map((mode) => renderOutcome(find(v.device, v.direction, mode)) || '–');
  return [v.device, v.direction, v.verdict, v.causes[0] ?? '–', sure(v), ...outcomes, todo(v, today)].map(plain);
}

/** Only a verdict that names a cause can be sure or not of it. */
function sure(v: Verdict): string {
  if (v.basis !== 'measured') return v.basis;
  return v.causes.length === 0 ? '–' : v.confidence;
}

function todo(v: Verdict, today: string): string {
  if (v.verdict === 'works') return 'nothing';
  const relay = v.relay === undefined ? '' : 'relay (measured)';
  if (v.setting !== undefined && v.verdict === 'works-after-change') {
    return `set ${SHORT_SECURITY[v.setting.security].en} on port ${v.setting.port}`;
  }
  if (v.verdict === 'works-after-update') return `install firmware ${v.update ?? '(newest)'}`;
  if (v.verdict === 'legacy-only' && (v.until === undefined || today <= v.until)) {
    const host = `transition host${v.until === undefined ? '' : ` to ${v.until}`}`;
    return relay === '' ? host : `${host}, then ${relay}`;
  }
  if (v.verdict === 'unknown') return 'test again';
  // A device that is good by itself: neither the maker nor a relay is at fault or of help.
  if (v.causes[0] === 'intercepted') {
    return `try SSL/TLS on port ${v.direction === 'send' ? '465' : '993 or 995'}; check firewall and virus scanner`;
  }
  const first = v.remedies.find((r) => r !== 'legacy-host' && (r !== 'relay' || relay === ''));
  const order = first === undefined ? 'ask the maker' : ORDERS[first];
  if (relay === '') return order;
  // What was seen to work stands before what comes after it in the order of recommendation.
  return first === 'setting' || first === 'firmware' ? `${order}, or ${relay}` : relay;
}

/** Orders, not names: "firmware" alone does not say that somebody has to ask for it, and may get none. */
const ORDERS: Readonly<{ [R in Remedy]: string }> = {
  setting: 'change the settings',
  firmware: 'ask for firmware',
  'legacy-host': 'transition host',
  relay: 'relay',
  'other-function': 'another function',
  replace: 'replace',
};

/** today, strict, legacy first, then modes a user added. */
function modesOf(records: readonly Record[]): readonly string[] {
  const known = ['today', 'strict', 'legacy'];
  const seen = new Set(records.filter((r) => r.role === 'question').map((r) => r.mode));
  return [...known.filter((m) => seen.has(m)), ...[...seen].filter((m) => !known.includes(m)).sort()];
}

/** Natural widths; when they are too wide the widest columns give way first, and their cells wrap. */
function fit(head: readonly string[], rows: readonly (readonly string[])[], columns: number): readonly number[] {
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
  const room = columns - GAP.length * (head.length - 1);
  while (widths.reduce((a, b) => a + b, 0) > room) {
    const widest = Math.max(...widths);
    // Nothing may become so narrow that no letter fits, however narrow the terminal.
    if (widest <= 4) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

const GAP = '  ';

function widthOf(widths: readonly number[]): number {
  return widths.reduce((a, b) => a + b, 0) + GAP.length * (widths.length - 1);
}

/** For a terminal that is too narrow for columns: one cell a line, named. */
function stack(head: readonly string[], row: readonly string[], columns: number): readonly string[] {
  const lines = row.flatMap((cell, i) => wrap(head[i] === '' ? cell : `${head[i]}: ${cell}`, columns));
  return [...lines, ''];
}

function linesOf(cells: readonly string[], widths: readonly number[]): readonly string[] {
  const wrapped = cells.map((cell, i) => wrap(cell, Math.max(1, widths[i] ?? 1)));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    wrapped
      .map((lines, i) => (lines[row] ?? '').padEnd(widths[i] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Breaks after blanks and hyphens, where there are any, so that a word of ours can still be searched for. */
function wrap(text: string, columns: number): readonly string[] {
  const width = Math.max(1, Math.floor(columns) || 1);
  const lines: string[] = [''];
  for (const part of text.match(/.*?(?:\s|-(?=\D)|$)/g) ?? []) {
    for (const piece of part.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []) {
      const last = lines.length - 1;
      const longer = `${lines[last] ?? ''}${piece}`;
      if (longer.trimEnd().length <= width) lines[last] = longer;
      else lines.push(piece);
    }
  }
  return lines.map((line) => line.trimEnd());
}

/** One entry of a list below the table. */
function indent(text: string, columns: number): readonly string[] {
  return wrap(text, columns - 2).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`);
}

/** A device file or device must not steer the terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ');
}

function paint(style: Parameters<typeof styleText>[0], text: string, color: boolean): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}
