import { stripVTControlCharacters } from 'node:util';
import { causeText, type Language } from '../../harness/cause-texts.ts';
import { expiryOf } from '../../harness/claims.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { isEmulated } from '../../harness/vocabulary/emulated.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Verdict, VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { basisText } from '../basis-texts.ts';
import { EMULATED_BANNER } from '../coverage.ts';
import { renderDay } from '../dates.ts';
import { DIRECTION_WORDS, deviceName, kindWord } from '../device-words.ts';
import { scheduleOf } from '../phase.ts';
import { otherAnswers, SERVERS_OF } from '../other-engines.ts';
import { PREDICTIONS_TITLE, predictionsText } from '../predictions-text.ts';
import { RELAY_RECIPE, remedyLines } from '../remedy-texts.ts';
import { concernsDirection, renderTrait, type ServerTrait } from '../server-traits.ts';
import { settingRows } from '../setting-words.ts';
import { rangeWords } from './site/range-words.ts';
import { wordsOf } from './site/words.ts';
import { settingToEnter, type Situation } from '../situation.ts';
import { CONFIDENCE_TEXTS, VERDICT_NAMES, verdictName, verdictOnDay, verdictText } from '../verdict-texts.ts';
import type { Answer, Claimed, Known, Question } from './answers.ts';
import { chooseFacts, type Facts, sourcesOf } from './choose-facts.ts';
import { type Footnotes, numberSources } from './footnotes.ts';
import { type DirectionGroup, groupDirections } from './group-directions.ts';
import { renderPredictions } from './render-predictions.ts';
import type { DevicePrediction } from './predictions.ts';
import { conditionText, renderErrors, renderFacts } from './render-facts.ts';

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
  /** What recorded hellos of the device say. */
  readonly predictions?: readonly DevicePrediction[];
  /** As typed: what it asks for is shown. */
  readonly query?: string;
  /** What the owner has told. */
  readonly known?: Known;
  /** Every statement, menu, error and trace, with whole addresses. */
  readonly all?: boolean;
}

/**
 * What support reads out while a customer waits: the verdicts, the question that decides, what to do and to say; then a
 * few statements and where they come from. Text for a terminal, no colour.
 */
export function renderAnswer(answer: Answer, options: AnswerOptions): string {
  const { device, directions } = answer;
  const { language, query = '', known = {}, all = false } = options;
  const title = `${deviceName(device, language)} (${kindWord(device.kind, language)})`;
  const banner = isEmulated(device) ? [EMULATED_BANNER[language]] : [];
  const parts = groupDirections(directions).map((group) => renderGroup(device, group, options));
  const schedule = scheduleOf(options.modes, options.asOf);
  const changing = directions.some(
    ({ verdict }) => verdict !== null && ENTERING.has(verdictOnDay({ verdict, device, schedule, language })),
  );
  const facts = chooseFacts(answer, { query, known, changing, all });
  const notes = numberSources(sourcesOf(facts), language, all);
  const lines = [
    title,
    '='.repeat(title.length),
    ...banner,
    ...(parts.length === 0 ? [NOBODY[language]] : parts.flatMap((part, i) => [...(i === 0 ? [] : ['']), ...part])),
    ...renderErrors(device, facts, notes, language),
    ...renderClaims(facts, notes, options),
    ...renderPredictions(options.predictions ?? [], { kind: device.kind, policies: options.modes, schedule, language }),
    ...renderFacts(device, facts, notes, language, systemNamer(options)),
    ...(notes.lines.length === 0 ? [] : ['', `${WORDS[language].sources}:`, ...notes.lines]),
    ...renderLeft(answer, facts, known, options),
  ];
  return lines.map(printableLine).join('\n');
}

/** After these something is entered in the device. */
const ENTERING: ReadonlySet<VerdictWord> = new Set(['works-after-change', 'legacy-only']);

/** What was left out, and how to see it. */
function renderLeft(
  { device }: Answer,
  { left }: Facts,
  known: Known,
  { language, all = false }: AnswerOptions,
): readonly string[] {
  const words = WORDS[language];
  const counts = [
    ...(left.claims === 0 ? [] : [words.leftClaims(left.claims)]),
    ...(left.errors === 0 ? [] : [words.leftErrors(left.errors)]),
    ...(left.others === 0 ? [] : [words.leftOthers]),
  ].join(', ');
  if (counts === '') return [];
  if (all) return ['', `(${left.claims} ${words.elsewhere})`];
  return ['', `${words.more} (${counts}): cutover lookup ${device.id}${flagsOf(known)} --all`];
}

function flagsOf({ os, firmware }: Known): string {
  const version = firmware === undefined ? '' : ` --firmware ${quoted(firmware)}`;
  return `${os === undefined || os === null ? '' : ` --device-os ${os}`}${version}`;
}

/** A range of versions has signs and blanks that a shell would take for itself. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", '')}'`;
}

/** Nothing in a device file may steer a terminal. */
export function printableLine(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trimEnd();
}

function systemNamer({ systems = [], language }: AnswerOptions): (id: string) => string {
  const names = new Map(systems.map((s) => [s.id, (language === 'en' ? s.modelEn : undefined) ?? s.model]));
  return (id) => names.get(id) ?? id;
}

function renderGroup(device: Device, group: DirectionGroup, options: AnswerOptions): readonly string[] {
  const { language } = options;
  const words = WORDS[language];
  const schedule = scheduleOf(options.modes, options.asOf);
  const [part] = group;
  const heads = (text: string) => group.map(({ direction }) => `${DIRECTION_WORDS[direction][language]}: ${text}`);
  if (part.question !== null) return [...heads(words.depends), ...renderQuestion(device, part.question, options)];
  const { verdict } = part;
  if (verdict === null) return heads(VERDICT_NAMES.unknown[language]);
  const situation: Situation = { verdict, device, schedule, language, both: group.length > 1 };
  const conflict = part.conflict
    ? [
        `  ${part.standing === 'measured' ? words.conflict : words.contradiction}:`,
        ...part.claimed.map((c) => `    ${claimedText(c, { device, schedule, language })}`),
      ]
    : [];
  return [
    ...heads(verdictName(situation)),
    ...renderVerdict(situation, group),
    ...conflict,
    ...group.flatMap((own) =>
      own.verdict === null ? [] : renderOthers({ ...situation, verdict: own.verdict, both: false }, options),
    ),
  ];
}

/** The one question that decides, what follows from each answer, and how to give it. */
function renderQuestion(device: Device, { kind, options }: Question, shown: AnswerOptions): readonly string[] {
  const { language } = shown;
  const words = WORDS[language];
  const schedule = scheduleOf(shown.modes, shown.asOf);
  const nameOf = systemNamer(shown);
  const answers = options.map(({ value, verdicts }) => {
    const range = rangeWords(value ?? '', wordsOf(language));
    const name = value === null ? words.otherSystem : kind === 'os' ? nameOf(value) : `${words.version} ${range}`;
    const names = [...new Set(verdicts.map((verdict) => verdictName({ verdict, device, schedule, language })))];
    return { name, text: names.length === 0 ? VERDICT_NAMES.unknown[language] : names.join(words.or) };
  });
  // What is read out: each answer once, with all that lead to it.
  const lines = [...Map.groupBy(answers, (a) => a.text)].map(
    ([text, own]) => `    ${own.map((a) => a.name).join(', ')}: ${text}`,
  );
  const first = options.find(({ value }) => value !== null)?.value ?? '';
  const flag = kind === 'os' ? `--device-os ${first}` : `--firmware ${quoted(first)}`;
  const told = kind === 'os' ? '' : flagsOf({ os: shown.known?.os ?? null });
  return [`  ${words.ask[kind]}`, ...lines, `  ${words.goOn}: cutover lookup ${device.id}${told} ${flag}`];
}

function claimedText({ verdict, claim }: Claimed, known: Omit<Situation, 'verdict'>): string {
  return `${verdictName({ ...known, verdict })} (${claim.source.title}, ${renderDay(claim.source.date, known.language)})`;
}

function renderVerdict(situation: Situation, group: DirectionGroup): readonly string[] {
  const { verdict, device, language } = situation;
  const words = WORDS[language];
  const [cause] = verdict.causes;
  const text = cause === undefined ? null : causeText(cause, device?.kind).customer[language];
  // Without an answer there is nothing to be sure of.
  const sure = verdict.verdict === 'unknown' ? '' : ` (${CONFIDENCE_TEXTS[verdict.confidence][language]})`;
  const rows = group.flatMap((own) => {
    const enter = own.verdict === null ? null : settingToEnter({ ...situation, verdict: own.verdict });
    return enter === null ? [] : settingRows(enter.setting, enter.host, language, device?.kind);
  });
  const settings = verdict.verdict === 'works' ? words.proven : words.settings;
  const remedies = remedyLines(situation);
  const predicted = predictionsText(verdict, language);
  return [
    ...(verdict.verdict === 'unknown' ? [] : [`  ${verdictText(situation)}`]),
    ...(text === null ? [] : [`  ${words.why}${sure}: ${text.what} ${text.why}`]),
    ...(rows.length === 0 ? [] : [`  ${settings}:`, ...rows.map((r) => `    ${r.label}: ${r.value}`)]),
    ...(remedies.length === 0 ? [] : [`  ${words.todo}:`, ...remedies.map((line) => `    ${line}`)]),
    ...(verdict.relay === undefined ? [] : [`  ${words.recipe}: ${RELAY_RECIPE}`]),
    // That a source leaves it open is told by what it says.
    ...(verdict.verdict === 'unknown' && verdict.basis === 'claimed'
      ? []
      : [`  ${words.basis}: ${basisText(situation)}`]),
    ...(predicted === null ? [] : [`  ${PREDICTIONS_TITLE[language]}: ${predicted}`]),
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
function renderClaims({ claims }: Facts, notes: Footnotes, options: AnswerOptions): readonly string[] {
  const { language, asOf } = options;
  if (claims.length === 0) return [];
  const words = WORDS[language];
  const nameOf = systemNamer(options);
  const lines = claims.map((claim) => {
    const stale = expiryOf(claim) < asOf.toISOString().slice(0, 10) ? ` (${words.stale})` : '';
    const condition = conditionText(claim.when, language, nameOf);
    return `  - ${condition}${claim.says[language].trim()} ${notes.mark(claim.source)}${stale}`;
  });
  return ['', `${words.claims}:`, ...lines];
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
    goOn: 'Dann mit der Antwort weiter, zum Beispiel',
    sources: 'Quellen',
    more: 'Mehr',
    leftClaims: (n: number) => (n === 1 ? '1 weitere Aussage' : `${n} weitere Aussagen`),
    leftErrors: (n: number) => (n === 1 ? '1 Fehlermeldung' : `${n} Fehlermeldungen`),
    leftOthers: 'Menüs und Erkennungszeichen',
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
    goOn: 'Then go on with the answer, for example',
    sources: 'Sources',
    more: 'More',
    leftClaims: (n: number) => (n === 1 ? '1 more statement' : `${n} more statements`),
    leftErrors: (n: number) => (n === 1 ? '1 error message' : `${n} error messages`),
    leftOthers: 'menus and traces',
    claims: 'According to the manufacturer or another source, not tested by us',
  },
} as const;
