import { explainText } from '../../reports/explain/explain.ts';
import { renderExplanations } from '../../reports/explain/render-explanations.ts';
import { type Answer, composeAnswer, type Known } from '../../reports/lookup/answers.ts';
import { kindSearchWords } from '../../reports/lookup/kind-search-words.ts';
import { readKnown } from '../../reports/lookup/read-known.ts';
import { printableLine, renderAnswer } from '../../reports/lookup/render-answer.ts';
import { renderCandidates } from '../../reports/lookup/render-candidates.ts';
import { foldText, isFiller, splitWords } from '../../reports/lookup/search-words.ts';
import { devicesToFind, type Hit, searchDevices } from '../../reports/lookup/search-devices.ts';
import { HarnessFault } from '../faults.ts';
import type { Device } from '../vocabulary/device.ts';
import { EXIT } from './exit.ts';
import { type LookupState, readLookupState } from './lookup-state.ts';

interface LookupOptions {
  readonly out: string;
  readonly asOf?: Date;
  readonly language: 'de' | 'en';
  readonly json?: boolean;
  readonly all?: boolean;
  readonly samples?: boolean;
  /** Answers to the question that an answer depends on. */
  readonly deviceOs?: string;
  readonly firmware?: string;
}

/** More than these a person on the phone does not want to hear. */
const OTHERS = 5;
const NEAREST = 8;
const ROWS = 25;
const WORDS = {
  de: {
    none: 'Kein Gerät passt zu',
    ignored: 'Ohne Bedeutung für die Auskunft',
    unknown: (typed: string, missed: string) =>
      `Nicht im Katalog: „${typed}“. Kein Eintrag kennt „${missed}“, deshalb gibt es dazu keine Auskunft.`,
    nearest: 'Am ähnlichsten sind',
    which: 'Wer diese Meldung zeigt; fragen Sie, welches davon es ist',
    others: 'Auch möglich',
    samples: 'Unter den nachgebildeten Geräten gibt es eines: mit --samples suchen.',
  },
  en: {
    none: 'No device fits',
    ignored: 'Without meaning for the answer',
    unknown: (typed: string, missed: string) =>
      `Not in the catalogue: “${typed}”. No entry knows “${missed}”, so there is no answer to it.`,
    nearest: 'Nearest are',
    which: 'Who shows this message; ask which of them it is',
    others: 'Also possible',
    samples: 'One of the emulated devices fits: search with --samples.',
  },
} as const;

/**
 * `cutover lookup WORDS…`: the best hit with its answer, and the names of the others. A model that no entry knows gets
 * no answer of another one, only the names of the nearest. Exit 1 when nothing fits.
 */
export async function lookUp(words: readonly string[], options: LookupOptions): Promise<number> {
  const state = await readLookupState(options.out);
  refuseUnknownSystem(options.deviceOs, state);
  const hits = searchDevices(
    devicesToFind(state.devices, options.samples === true),
    words,
    options.samples === true ? undefined : state.terms,
  );
  const answers = hits.slice(0, options.json === true ? ROWS : 1).map((hit) => answerTo(hit, words, state, options));
  if (options.json === true) {
    const rows = answers.map((one) => rowOf(one, state));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return hits.length > 0 ? EXIT.expected : EXIT.different;
  }
  const { lines, found } = renderHits(words, hits, answers, state, options);
  console.log(lines.map(printableLine).join('\n'));
  return found ? EXIT.expected : EXIT.different;
}

function refuseUnknownSystem(id: string | undefined, { devices }: LookupState): void {
  const systems = devices.filter((d) => d.kind === 'os').map((d) => d.id);
  if (id === undefined || systems.includes(id)) return;
  throw new HarnessFault('os-unknown', `no system is called "${id}"`, {
    exitCode: EXIT.usage,
    stage: 'configuration',
    advice: `Systems are ${systems.join(', ')}.`,
  });
}

interface Answered extends Answer {
  readonly known: Known;
  /** As in `Match`. */
  readonly named: boolean;
  readonly missed: readonly string[];
}

function answerTo(
  { device, missed, named }: Hit,
  words: readonly string[],
  state: LookupState,
  options: LookupOptions,
): Answered {
  const systems = state.devices.filter((d) => d.kind === 'os');
  const known: Known = {
    ...readKnown(words.join(' '), missed, device, systems),
    ...(options.deviceOs === undefined ? {} : { os: options.deviceOs }),
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
  };
  const answer = composeAnswer(device, state.verdicts, state.policies, known);
  const unknown = [...missed.filter((word) => word !== known.firmware), ...otherVersions(words, device)];
  return { ...answer, known, named, missed: unknown };
}

function renderHits(
  words: readonly string[],
  hits: readonly Hit[],
  [answer]: readonly Answered[],
  state: LookupState,
  options: LookupOptions,
): { readonly lines: readonly string[]; readonly found: boolean } {
  const { language, asOf = new Date(), all = false } = options;
  const say = WORDS[language];
  const query = words.join(' ');
  if (answer === undefined) {
    const sample = options.samples !== true && searchDevices(state.devices, words).length > 0;
    return { lines: [`${say.none} „${query}“.${sample ? ` ${say.samples}` : ''}`], found: false };
  }
  const devices = hits.map((hit) => hit.device);
  if (isAnother(answer)) {
    const lines = [say.unknown(query, answer.missed.join(' ')), `${say.nearest}:`];
    return { lines: [...lines, ...renderCandidates(devices, NEAREST, language)], found: false };
  }
  // An error that several show gets the answer of none of them.
  const explained = hits.length > 1 && isAboutError(query, answer.device) ? explainText(query, devices) : null;
  if (explained !== null && explained.explanations.length > 0) {
    const lines = [...renderExplanations(explained, language), '', `${say.which}:`];
    return { lines: [...lines, ...renderCandidates(devices, NEAREST, language)], found: true };
  }
  const { policies: modes, outranked, traits } = state;
  const predictions = state.predictions[answer.device.id] ?? [];
  const { known } = answer;
  const systems = state.devices.filter((d) => d.kind === 'os');
  const text = renderAnswer(answer, {
    language,
    asOf,
    modes,
    outranked,
    traits,
    predictions,
    systems,
    known,
    query,
    all,
  });
  const ignored = answer.missed.length === 0 ? [] : [`(${say.ignored}: ${answer.missed.join(' ')})`, ''];
  const others = devices.slice(1);
  const also = others.length === 0 ? [] : ['', `${say.others}:`, ...renderCandidates(others, OTHERS, language)];
  return { lines: [...ignored, ...text.split('\n'), ...also], found: true };
}

/** A system is its version: who asks for macOS 10.5 gets no answer of 10.6. */
function otherVersions(words: readonly string[], { kind, model, aliases }: Device): readonly string[] {
  if (kind !== 'os') return [];
  const names = foldText([model, ...aliases].join(' ')).split(/\s+/);
  const isNamed = (version: string) => names.some((name) => version === name || version.startsWith(`${name}.`));
  return words.flatMap((word) => splitWords(word)).filter((word) => /^\d+\.[\d.]*$/.test(word) && !isNamed(word));
}

/** A number that no entry knows is another model; other words are said beside a name, but without one tell a maker. */
function isAnother({ missed, named }: Answered): boolean {
  return missed.some((word) => /\d/.test(word)) || (missed.length > 0 && !named);
}

/** No word of the query stands in its names. */
function isAboutError(query: string, { vendor, model, aliases, kind }: Device): boolean {
  const names = foldText([vendor, model, ...aliases, ...kindSearchWords(kind)].join(' '));
  return !splitWords(query).some((word) => !isFiller(word) && names.includes(foldText(word)));
}

/** For ticket systems: the answer, what sources say word by word, and what recorded hellos say, each for itself. */
function rowOf({ device, directions, missed }: Answered, { predictions }: LookupState) {
  const { id, vendor, model, kind, claims, menus, words, errors, recognition, notes } = device;
  return {
    device: { id, vendor, model, kind },
    missed,
    verdicts: directions.flatMap((d) => d.verdict ?? []),
    directions: directions.map(({ claimed, ...rest }) => ({ ...rest, claimed: claimed.map((c) => c.verdict) })),
    ...(predictions[id] === undefined ? {} : { predictions: predictions[id] }),
    claims,
    menus,
    words,
    errors,
    ...(recognition === undefined ? {} : { recognition }),
    ...(notes === undefined ? {} : { notes }),
  };
}
