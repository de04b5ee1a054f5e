import { stripVTControlCharacters } from 'node:util';
import { causeText, type Language } from '../../harness/cause-texts.ts';
import { expiryOf } from '../../harness/claims.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { isEmulated } from '../../harness/vocabulary/emulated.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { basisText } from '../basis-texts.ts';
import { EMULATED_BANNER } from '../coverage.ts';
import { DIRECTION_WORDS, deviceName, kindWord } from '../device-words.ts';
import { scheduleOf } from '../phase.ts';
import { otherAnswers, SERVERS_OF } from '../other-engines.ts';
import { RELAY_RECIPE, remedyLines } from '../remedy-texts.ts';
import { concernsDirection, renderTrait, type ServerTrait } from '../server-traits.ts';
import { settingRows } from '../setting-words.ts';
import { settingToEnter, type Situation } from '../situation.ts';
import { CONFIDENCE_TEXTS, VERDICT_NAMES, verdictName, verdictText } from '../verdict-texts.ts';
import type { Answer, Claimed, DirectionAnswer, Question } from './answers.ts';
import { conditionText, renderFacts, sourceText } from './render-facts.ts';

export interface AnswerOptions {
  readonly language: Language;
  readonly asOf: Date;
  /** Hosts and dates: `ReportInput.policies`. */
  readonly modes: readonly Mode[];
  /** Device files of the kind `os`: systems are called by their names. */
  readonly systems?: readonly Device[];
  /** `ReportInput.outranked`, and what is known of the servers that gave the answers. */
  readonly outranked?: readonly Verdict[];
  readonly traits?: readonly ServerTrait[];
}

/** What support reads out while a customer waits: one device, both directions. Text for a terminal, no colour. */
export function renderAnswer(answer: Answer, options: AnswerOptions): string {
  const { device, directions } = answer;
  const { language } = options;
  const title = `${deviceName(device)} (${kindWord(device.kind, language)})`;
  const banner = isEmulated(device) ? [EMULATED_BANNER[language]] : [];
  const parts = directions.map((direction) => renderDirection(device, direction, options));
  const lines = [
    title,
    '='.repeat(title.length),
    ...banner,
    ...(parts.length === 0 ? [NOBODY[language]] : parts.flatMap((part) => ['', ...part])),
    ...renderClaims(answer, options),
    ...renderFacts(device, language, systemNamer(options)),
  ];
  return lines.map(printableLine).join('\n');
}

/** Nothing in a device file may steer a terminal. */
export function printableLine(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trimEnd();
}

function systemNamer({ systems = [] }: Pick<AnswerOptions, 'systems'>): (id: string) => string {
  const names = new Map(systems.map((s) => [s.id, s.model]));
  return (id) => names.get(id) ?? id;
}

function renderDirection(device: Device, part: DirectionAnswer, options: AnswerOptions): readonly string[] {
  const { language } = options;
  const words = WORDS[language];
  const schedule = scheduleOf(options.modes, options.asOf);
  if (part.question !== null) return renderQuestion(device, part, part.question, options);
  const { verdict } = part;
  if (verdict === null) return [`${DIRECTION_WORDS[part.direction][language]}: ${VERDICT_NAMES.unknown[language]}`];
  const conflict = part.conflict
    ? [
        `  ${part.standing === 'measured' ? words.conflict : words.contradiction}:`,
        ...part.claimed.map((c) => `    ${claimedText(c, { device, schedule, language })}`),
      ]
    : [];
  return [
    ...renderVerdict({ verdict, device, schedule, language }),
    ...conflict,
    ...renderOthers({ verdict, device, schedule, language }, options),
  ];
}

/** The one question that decides, and what follows from each answer. */
function renderQuestion(
  device: Device,
  { direction }: DirectionAnswer,
  { kind, options }: Question,
  shown: AnswerOptions,
): readonly string[] {
  const { language } = shown;
  const words = WORDS[language];
  const schedule = scheduleOf(shown.modes, shown.asOf);
  const nameOf = systemNamer(shown);
  const answers = options.map(({ value, verdicts }) => {
    const name = value === null ? words.otherSystem : kind === 'os' ? nameOf(value) : `${words.version} ${value}`;
    const names = [...new Set(verdicts.map((verdict) => verdictName({ verdict, device, schedule, language })))];
    return `    ${name}: ${names.length === 0 ? VERDICT_NAMES.unknown[language] : names.join(words.or)}`;
  });
  return [`${DIRECTION_WORDS[direction][language]}: ${words.depends}`, `  ${words.ask[kind]}`, ...answers];
}

function claimedText({ verdict, claim }: Claimed, known: Omit<Situation, 'verdict'>): string {
  return `${verdictName({ ...known, verdict })} (${sourceText(claim.source, known.language)})`;
}

function renderVerdict(situation: Situation): readonly string[] {
  const { verdict, device, language } = situation;
  const words = WORDS[language];
  const [cause] = verdict.causes;
  const text = cause === undefined ? null : causeText(cause, device?.kind).customer[language];
  // Without an answer there is nothing to be sure of.
  const sure = verdict.verdict === 'unknown' ? '' : ` (${CONFIDENCE_TEXTS[verdict.confidence][language]})`;
  const enter = settingToEnter(situation);
  const rows = enter === null ? [] : settingRows(enter.setting, enter.host, language, device?.kind);
  const settings = verdict.verdict === 'works' ? words.proven : words.settings;
  const remedies = remedyLines(situation);
  return [
    `${DIRECTION_WORDS[verdict.direction][language]}: ${verdictName(situation)}`,
    `  ${verdictText(situation)}`,
    ...(text === null ? [] : [`  ${words.why}${sure}: ${text.what} ${text.why}`]),
    ...(rows.length === 0 ? [] : [`  ${settings}:`, ...rows.map((r) => `    ${r.label}: ${r.value}`)]),
    ...(remedies.length === 0 ? [] : [`  ${words.todo}:`, ...remedies.map((line) => `    ${line}`)]),
    ...(verdict.relay === undefined ? [] : [`  ${words.recipe}: ${RELAY_RECIPE}`]),
    `  ${words.basis}: ${basisText(situation)}`,
  ];
}

/** For support, not to be read out: the same device got another answer from other servers, and what these are known for. */
function renderOthers(situation: Situation, { outranked = [], traits = [] }: AnswerOptions): readonly string[] {
  const { verdict, device, language } = situation;
  const others = otherAnswers(verdict, outranked);
  if (others.length === 0 || verdict.engine === undefined) return [];
  const words = WORDS[language];
  const answers = others.flatMap((o) => {
    if (o.engine === undefined) return [];
    const [cause] = o.causes;
    const why = cause === undefined ? '' : ` (${causeText(cause, device?.kind).customer[language].name})`;
    return `    ${SERVERS_OF[o.engine][language]}: ${verdictName({ ...situation, verdict: o })}${why}`;
  });
  const own = traits.filter((t) => t.engine === verdict.engine && concernsDirection(t, verdict.direction));
  return [
    `  ${words.others(SERVERS_OF[verdict.engine][language])}:`,
    ...answers,
    ...(own.length === 0 ? [] : [`  ${words.traits}:`, ...own.map((t) => `    ${renderTrait(t)}`)]),
  ];
}

/** What others say stands apart from what was measured, with its condition, source and age. */
function renderClaims({ device, claims }: Answer, options: AnswerOptions): readonly string[] {
  const { language, asOf } = options;
  if (device.claims.length === 0) return [];
  const words = WORDS[language];
  const nameOf = systemNamer(options);
  const lines = claims.map((claim) => {
    const stale = expiryOf(claim) < asOf.toISOString().slice(0, 10) ? `; ${words.stale}` : '';
    const condition = conditionText(claim.when, language, nameOf);
    return `  - ${condition}${claim.says[language].trim()} [${sourceText(claim.source, language)}${stale}]`;
  });
  const others = device.claims.length - claims.length;
  return ['', `${words.claims}:`, ...lines, ...(others === 0 ? [] : [`  (${others} ${words.elsewhere})`])];
}

const NOBODY = { de: 'Noch nicht geprüft.', en: 'Not tested yet.' } as const;

const WORDS = {
  de: {
    why: 'Grund',
    settings: 'Diese Einstellungen eintragen',
    proven: 'So ist es richtig eingestellt',
    todo: 'Was der Kunde tun kann',
    recipe: 'Anleitung zum Weiterleiten, für den Support',
    basis: 'Woher wir das wissen',
    others: (counting: string) => `Andere Testserver, andere Antwort; es gilt die obere (${counting})`,
    traits: 'Eigenheiten dieser Server (englisch)',
    depends: 'kommt darauf an',
    ask: { os: 'Welches Betriebssystem?', firmware: 'Welche Version (Firmware bzw. Programm)?' },
    otherSystem: 'ein anderes System',
    version: 'Version',
    or: ' oder ',
    conflict: 'Eine Quelle sagt etwas anderes',
    contradiction: 'Die Quellen widersprechen sich',
    stale: 'Quelle älter als ein Jahr, bitte neu prüfen',
    elsewhere: 'Aussagen zu anderen Versionen oder Systemen',
    claims: 'Laut Hersteller oder anderer Quelle, nicht von uns getestet',
  },
  en: {
    why: 'Reason',
    settings: 'Settings to enter',
    proven: 'These settings are right',
    todo: 'What the customer can do',
    recipe: 'Instructions for passing mail on, for support',
    basis: 'How we know',
    others: (counting: string) => `Other test servers, another answer; the one above counts (${counting})`,
    traits: 'Peculiarities of these servers',
    depends: 'it depends',
    ask: { os: 'Which operating system?', firmware: 'Which version (firmware or program)?' },
    otherSystem: 'another system',
    version: 'version',
    or: ' or ',
    conflict: 'A source says something else',
    contradiction: 'The sources contradict each other',
    stale: 'source read more than a year ago, check it again',
    elsewhere: 'statements about other versions or systems',
    claims: 'According to the manufacturer or another source, not tested by us',
  },
} as const;
