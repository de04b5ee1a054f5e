import { causeText } from '../../../harness/cause-texts.ts';
import type { Claim } from '../../../harness/vocabulary/claim.ts';
import type { Verdict } from '../../../harness/vocabulary/verdict.ts';
import { basisText } from '../../basis-texts.ts';
import { renderDay } from '../../dates.ts';
import { directionsTitle } from '../../device-words.ts';
import { html, type Markup } from '../../html.ts';
import { PREDICTIONS_TITLE, predictionsText } from '../../predictions-text.ts';
import { remedyTexts } from '../../remedy-texts.ts';
import { settingRows } from '../../setting-words.ts';
import { settingToEnter, type Situation, transitionHost, transitionHosts } from '../../situation.ts';
import { CONFIDENCE_TEXTS, verdictName, verdictOnDay, verdictText } from '../../verdict-texts.ts';
import type { Claimed } from '../answers.ts';
import type { DirectionGroup } from '../group-directions.ts';
import { rangeWords } from './range-words.ts';
import { renderSource } from './render-source.ts';
import type { Detail } from './site-data.ts';
import type { View } from './view.ts';
import { VERDICT_SIGNS } from './words.ts';

/** One card for directions of which the same holds: what holds, why, what to enter, what else helps, and how we know. */
export function renderGroup(view: View, detail: Detail, group: DirectionGroup): Markup {
  const { words } = view;
  const title = directionsTitle(
    group.map((g) => g.direction),
    view.language,
  );
  const [answer] = group;
  const { verdict, standing, claimed, unclear } = answer;
  if (verdict === null || (answer.conflict && standing !== 'measured')) {
    const head = answer.question === null ? words.untested : words.depends;
    const conflict = answer.conflict ? html`<p>${words.conflict}</p>` : html``;
    return card(
      'unknown',
      html`${title}: ${head}`,
      html`${conflict}${renderUnclear(view, detail, unclear)}${renderClaimed(view, detail, claimed)}`,
    );
  }
  const situation = { ...situationOf(view, detail, verdict), both: group.length > 1 };
  const word = verdictOnDay(situation);
  // The heading says it already.
  const says = verdict.verdict === 'unknown' ? html`` : html`<p class="says">${verdictText(situation)}</p>`;
  return card(
    word,
    html`<span aria-hidden="true">${VERDICT_SIGNS[word]}</span> ${title}: ${verdictName(situation)}`,
    html`${says}
${renderCause(view, situation)}${renderSettings(view, situation, group)}${renderRemedies(view, situation)}${renderFacts(view, situation)}${renderSources(view, group)}
${verdict === unclear ? html`` : renderUnclear(view, detail, unclear)}
${standing === 'claimed' ? html`` : renderBeside(view, detail, verdict, claimed)}`,
  );
}

export function situationOf(view: View, detail: Detail, verdict: Verdict): Situation {
  return { verdict, device: detail.device, schedule: view.schedule, language: view.language };
}

function card(word: string, title: Markup, body: Markup): Markup {
  return html`<section class="card ${word}"><h3>${title}</h3>${body}</section>`;
}

function renderCause(view: View, { verdict, language, device }: Situation): Markup {
  const [cause] = verdict.causes;
  if (cause === undefined) return html``;
  const { what, why } = causeText(cause, device?.kind).customer[language];
  const sure = verdict.verdict === 'unknown' ? '' : ` (${CONFIDENCE_TEXTS[verdict.confidence][language]})`;
  return html`<h4>${view.words.why}${sure}</h4><p>${what} ${why}</p>`;
}

function renderSettings(view: View, situation: Situation, group: DirectionGroup): Markup {
  const tables = group.flatMap(({ verdict }) => {
    const enter = verdict === null ? null : settingToEnter({ ...situation, verdict });
    if (enter === null) return [];
    const rows = settingRows(enter.setting, enter.host, view.language, situation.device?.kind).map(
      ({ label, value, kind }) => html`<div class="${kind}"><dt>${label}</dt><dd>${value}</dd></div>`,
    );
    return [html`<dl class="settings">${rows}</dl>`];
  });
  if (tables.length === 0) return html``;
  const title = situation.verdict.verdict === 'works' ? view.words.proven : view.words.enter;
  return html`<h4>${title}</h4>${tables}`;
}

function renderRemedies(view: View, situation: Situation): Markup {
  const { first, otherwise } = remedyTexts(situation);
  if (first.length + otherwise.length === 0) return html``;
  const items = (texts: readonly string[]) => texts.map((text) => html`<li>${text}</li>`);
  const rest =
    otherwise.length === 0
      ? html``
      : html`<p>${view.words.ifNot}</p><ol start="${first.length + 1}">${items(otherwise)}</ol>`;
  return html`<h4>${view.words.todo}</h4><ol>${items(first)}</ol>${rest}`;
}

/** Firmware to ask for, transition host, basis and age, and what was predicted beside it. */
function renderFacts(view: View, situation: Situation): Markup {
  const { verdict, language, schedule } = situation;
  const { words } = view;
  const both = situation.both === true ? transitionHosts(situation) : null;
  const host = both === null ? transitionHost(situation) : words.hostForEach(both.send, both.fetch);
  const until = schedule.legacyUntil ?? verdict.until;
  const predicted = predictionsText(verdict, language);
  const rows: readonly (readonly [string, string])[] = [
    ...(verdict.update === undefined ? [] : [[words.firmware, verdict.update] as const]),
    ...(verdict.verdict !== 'legacy-only'
      ? []
      : [
          [
            words.transition,
            host === null
              ? words.noTransition
              : until === undefined
                ? host
                : words.transitionUntil(host, renderDay(until, language)),
          ] as const,
        ]),
    // That a source leaves it open is told by what it says; there is no result that ends.
    ...(verdict.verdict === 'unknown' && verdict.basis === 'claimed'
      ? []
      : ([
          [words.known, basisText(situation)],
          [
            words.validUntil,
            `${renderDay(verdict.expiresAt, language)}${isStale(situation) ? ` – ${words.stale}` : ''}`,
          ],
        ] as const)),
    ...(predicted === null ? [] : [[PREDICTIONS_TITLE[language], predicted] as const]),
  ];
  if (rows.length === 0) return html``;
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function isStale({ schedule, verdict }: Situation): boolean {
  return schedule.asOf > verdict.expiresAt;
}

/** Of which the card of a group holds the words and the source. */
export function claimsInCard([{ verdict, standing, claimed, conflict }]: DirectionGroup): readonly Claim[] {
  if (verdict === null || standing !== 'claimed' || conflict) return [];
  return [...new Map(claimed.map(({ claim }) => [claim.source.url, claim])).values()];
}

/** The statements that the answer follows from. */
function renderSources(view: View, group: DirectionGroup): Markup {
  const sources = claimsInCard(group);
  if (sources.length === 0) return html``;
  const list = html`<ul>${sources.map(({ says, source }) => html`<li>${says[view.language]} ${renderSource(view, source)}</li>`)}</ul>`;
  if (sources.length < MANY_SOURCES) return html`<h4>${view.words.source}</h4>${list}`;
  return html`<details class="more"><summary>${view.words.sources} (${sources.length})</summary>${list}</details>`;
}

/** Both directions mostly follow from the same statements, which then push everything else out of sight. */
const MANY_SOURCES = 2;

/** Claims beside a measurement, agreeing or not: shown, never mixed into it. */
function renderBeside(view: View, detail: Detail, verdict: Verdict, claimed: readonly Claimed[]): Markup {
  if (claimed.length === 0) return html``;
  const lines = claimed.map((other) => {
    const word = other.verdict.verdict === verdict.verdict ? view.words.agrees : view.words.disagrees;
    return html`<li>${claimedLine(view, detail, other)} (${word})</li>`;
  });
  return html`<h4>${view.words.beside}</h4><ul>${lines}</ul>`;
}

function renderClaimed(view: View, detail: Detail, claimed: readonly Claimed[]): Markup {
  return claimed.length === 0
    ? html``
    : html`<ul>${claimed.map((c) => html`<li>${claimedLine(view, detail, c)}</li>`)}</ul>`;
}

/** We tried, and got no answer: said where a claim stands instead. */
function renderUnclear(view: View, detail: Detail, unclear: Verdict | null): Markup {
  return unclear === null ? html`` : html`<p class="quiet">${basisText(situationOf(view, detail, unclear))}</p>`;
}

function claimedLine(view: View, detail: Detail, { verdict, claim }: Claimed): Markup {
  const when = conditionWords(view, claim.when ?? {});
  return html`${when === '' ? '' : `${when}: `}<strong>${verdictName(situationOf(view, detail, verdict))}</strong>. ${claim.says[view.language]}`;
}

/** "Windows 7, ab 52", or nothing where it holds for all. */
export function conditionWords(
  view: View,
  { os, firmware }: { readonly os?: string | undefined; readonly firmware?: string | undefined },
): string {
  const version = firmware === undefined || firmware === '' ? [] : [rangeWords(firmware, view.words)];
  return [...(os === undefined ? [] : [view.nameOf(os)]), ...version].join(', ');
}
