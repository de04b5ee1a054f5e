import { stripVTControlCharacters } from 'node:util';
import { causeText, type Language } from '../../harness/cause-texts.ts';
import { isEmulated } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { basisText, wasTried } from '../basis-texts.ts';
import { EMULATED_BANNER } from '../coverage.ts';
import { renderDay } from '../dates.ts';
import { DIRECTION_WORDS, deviceName, kindWord } from '../device-words.ts';
import { scheduleOf } from '../phase.ts';
import { otherAnswers, SERVERS_OF } from '../other-engines.ts';
import { RELAY_RECIPE, remedyLines } from '../remedy-texts.ts';
import { concernsDirection, renderTrait, type ServerTrait } from '../server-traits.ts';
import { settingRows } from '../setting-words.ts';
import { settingToEnter, type Situation, transitionEnded } from '../situation.ts';
import { CONFIDENCE_TEXTS, VERDICT_NAMES, verdictText } from '../verdict-texts.ts';
import type { Hit } from './search-devices.ts';

export interface AnswerOptions {
  readonly language: Language;
  readonly asOf: Date;
  /** Hosts and dates: `ReportInput.policies`. */
  readonly modes: readonly Mode[];
  /** `ReportInput.outranked`, and what is known of the servers that gave the answers. */
  readonly outranked?: readonly Verdict[];
  readonly traits?: readonly ServerTrait[];
}

/** What support reads out while a customer waits: one device, both directions. Text for a terminal, no colour. */
export function renderAnswer(hit: Hit, options: AnswerOptions): string {
  const { device } = hit;
  const { language } = options;
  const schedule = scheduleOf(options.modes, options.asOf);
  const title = `${deviceName(device)} (${kindWord(device.kind, language)})`;
  const banner = isEmulated(device) ? [EMULATED_BANNER[language]] : [];
  const parts = hit.verdicts.map((verdict) => [
    ...renderVerdict({ verdict, device, schedule, language }),
    ...renderOthers(verdict, options),
  ]);
  const claims = renderClaims(hit, language);
  const lines = [
    title,
    '='.repeat(title.length),
    ...banner,
    ...(parts.length === 0 ? [NOBODY[language]] : parts.flatMap((part) => ['', ...part])),
    ...claims,
  ];
  return lines
    .map((line) =>
      stripVTControlCharacters(line)
        .replaceAll(/\p{Cc}/gu, ' ')
        .trimEnd(),
    )
    .join('\n');
}

function renderVerdict(situation: Situation): readonly string[] {
  const { verdict, language } = situation;
  const words = WORDS[language];
  const [cause] = verdict.causes;
  const text = cause === undefined ? null : causeText(cause).customer[language];
  // Without an answer there is nothing to be sure of.
  const sure = verdict.verdict === 'unknown' ? '' : ` (${CONFIDENCE_TEXTS[verdict.confidence][language]})`;
  const enter = settingToEnter(situation);
  const rows = enter === null ? [] : settingRows(enter.setting, enter.host, language);
  const settings = verdict.verdict === 'works' ? words.proven : words.settings;
  const remedies = remedyLines(situation);
  return [
    `${DIRECTION_WORDS[verdict.direction][language]}: ${headline(situation)}`,
    `  ${verdictText(situation)}`,
    ...(text === null ? [] : [`  ${words.why}${sure}: ${text.what} ${text.why}`]),
    ...(rows.length === 0 ? [] : [`  ${settings}:`, ...rows.map((r) => `    ${r.label}: ${r.value}`)]),
    ...(remedies.length === 0 ? [] : [`  ${words.todo}:`, ...remedies.map((line) => `    ${line}`)]),
    ...(verdict.relay === undefined ? [] : [`  ${words.recipe}: ${RELAY_RECIPE}`]),
    `  ${words.basis}: ${basisText(situation)}`,
  ];
}

/** For support, not to be read out: the same device got another answer from other servers, and what these are known for. */
function renderOthers(verdict: Verdict, { language, outranked = [], traits = [] }: AnswerOptions): readonly string[] {
  const others = otherAnswers(verdict, outranked);
  if (others.length === 0 || verdict.engine === undefined) return [];
  const words = WORDS[language];
  const answers = others.flatMap((o) => {
    if (o.engine === undefined) return [];
    const [cause] = o.causes;
    const why = cause === undefined ? '' : ` (${causeText(cause).customer[language].name})`;
    return `    ${SERVERS_OF[o.engine][language]}: ${VERDICT_NAMES[o.verdict][language]}${why}`;
  });
  const own = traits.filter((t) => t.engine === verdict.engine && concernsDirection(t, verdict.direction));
  return [
    `  ${words.others(SERVERS_OF[verdict.engine][language])}:`,
    ...answers,
    ...(own.length === 0 ? [] : [`  ${words.traits}:`, ...own.map((t) => `    ${renderTrait(t)}`)]),
  ];
}

/** Once the transition host has ended, "only through it" would send the customer to a host that is gone. */
function headline(situation: Situation): string {
  const { verdict, language } = situation;
  if (verdict.verdict === 'unknown' && wasTried(verdict)) return UNCLEAR[language];
  const ended = verdict.verdict === 'legacy-only' && transitionEnded(situation);
  return VERDICT_NAMES[ended ? 'stops-working' : verdict.verdict][language];
}

/** What others say stands apart from what was measured, with its source and age. */
function renderClaims({ device }: Hit, language: Language): readonly string[] {
  if (device.claims.length === 0) return [];
  const claims = device.claims.map(
    ({ says, source }) => `  - ${says[language]} [${source.title}, ${renderDay(source.date, language)}, ${source.url}]`,
  );
  return ['', `${WORDS[language].claims}:`, ...claims];
}

const UNCLEAR = { de: 'noch ohne klares Ergebnis', en: 'no clear result yet' } as const;
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
    claims: 'According to the manufacturer or another source, not tested by us',
  },
} as const;
