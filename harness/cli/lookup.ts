import { deviceName, kindWord } from '../../reports/device-words.ts';
import { type Answer, composeAnswer } from '../../reports/lookup/answers.ts';
import { readKnown } from '../../reports/lookup/read-known.ts';
import { printableLine, renderAnswer } from '../../reports/lookup/render-answer.ts';
import { devicesToFind, type Hit, searchDevices } from '../../reports/lookup/search-devices.ts';
import { HarnessFault } from '../faults.ts';
import { EXIT } from './exit.ts';
import { type LookupState, readLookupState } from './lookup-state.ts';

interface LookupOptions {
  readonly out: string;
  readonly asOf?: Date;
  readonly language: 'de' | 'en';
  readonly json?: boolean;
  readonly samples?: boolean;
  /** Answers to the question that an answer depends on. */
  readonly deviceOs?: string;
  readonly firmware?: string;
}

/** The best hit is read out; more than these a person on the phone does not want to hear. */
const OTHERS = 8;
const ROWS = 25;
const WORDS = {
  de: {
    none: 'Kein Gerät passt zu',
    missed: 'Passt zu keinem Gerät',
    similar: 'Das Folgende gilt für den ähnlichsten Eintrag, nicht unbedingt für dieses Gerät oder Programm.',
    others: 'Auch möglich',
    more: 'weitere Treffer; mit mehr Wörtern eingrenzen',
    samples: 'Unter den nachgebildeten Geräten gibt es eines: mit --samples suchen.',
  },
  en: {
    none: 'No device fits',
    missed: 'Fits no device',
    similar: 'What follows holds for the most similar entry, not necessarily for this device or program.',
    others: 'Also possible',
    more: 'more hits; narrow down with more words',
    samples: 'One of the emulated devices fits: search with --samples.',
  },
} as const;

/** `cutover lookup WORDS…`: the best hit with its answer, and the names of the others. Exit 1 when nothing fits. */
export async function lookUp(words: readonly string[], options: LookupOptions): Promise<number> {
  const state = await readLookupState(options.out);
  refuseUnknownSystem(options.deviceOs, state);
  const hits = searchDevices(
    devicesToFind(state.devices, options.samples === true),
    words,
    options.samples === true ? undefined : state.terms,
  );
  const answers = hits.slice(0, options.json === true ? ROWS : 1).map((hit) => answerTo(hit, words, state, options));
  if (options.json === true) process.stdout.write(`${JSON.stringify(answers.map(rowOf), null, 2)}\n`);
  else console.log(renderHits(words, hits, answers, state, options));
  return hits.length > 0 ? EXIT.expected : EXIT.different;
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
  readonly missed: readonly string[];
}

function answerTo(
  { device, missed }: Hit,
  words: readonly string[],
  state: LookupState,
  options: LookupOptions,
): Answered {
  const systems = state.devices.filter((d) => d.kind === 'os');
  const known = {
    ...readKnown(words.join(' '), missed, device, systems),
    ...(options.deviceOs === undefined ? {} : { os: options.deviceOs }),
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
  };
  const answer = composeAnswer(device, state.verdicts, state.policies, known);
  return { ...answer, missed: missed.filter((word) => word !== known.firmware) };
}

function renderHits(
  words: readonly string[],
  hits: readonly Hit[],
  [answer]: readonly Answered[],
  state: LookupState,
  options: LookupOptions,
): string {
  const { language, asOf = new Date() } = options;
  const say = WORDS[language];
  if (answer === undefined) {
    const sample = options.samples !== true && searchDevices(state.devices, words).length > 0;
    return printableLine(`${say.none} „${words.join(' ')}“.${sample ? ` ${say.samples}` : ''}`);
  }
  const { policies: modes, outranked, traits } = state;
  const systems = state.devices.filter((d) => d.kind === 'os');
  const text = renderAnswer(answer, { language, asOf, modes, outranked, traits, systems });
  const others = hits.slice(1, 1 + OTHERS).map(({ device }) => {
    const name = `${deviceName(device)} (${kindWord(device.kind, language)})`;
    return printableLine(`  - ${name}: cutover lookup ${device.id}`);
  });
  const rest = hits.length - 1 - others.length;
  return [
    ...(answer.missed.length === 0
      ? []
      : [printableLine(`${say.missed}: ${answer.missed.join(' ')}`), say.similar, '']),
    text,
    ...(others.length === 0 ? [] : ['', `${say.others}:`, ...others]),
    ...(rest > 0 ? [`  (${rest} ${say.more})`] : []),
  ].join('\n');
}

/** For ticket systems: the answer, and what sources say word by word. */
function rowOf({ device, directions, missed }: Answered) {
  const { id, vendor, model, kind, claims, menus, words, errors, recognition, notes } = device;
  return {
    device: { id, vendor, model, kind },
    missed,
    verdicts: directions.flatMap((d) => d.verdict ?? []),
    directions: directions.map(({ claimed, ...rest }) => ({ ...rest, claimed: claimed.map((c) => c.verdict) })),
    claims,
    menus,
    words,
    errors,
    ...(recognition === undefined ? {} : { recognition }),
    ...(notes === undefined ? {} : { notes }),
  };
}
