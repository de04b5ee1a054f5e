import { EMULATED_BANNER } from '../../coverage.ts';
import { DIRECTION_WORDS, deviceName, kindWord } from '../../device-words.ts';
import { html, type Markup } from '../../html.ts';
import { SHORT_SECURITY } from '../../setting-words.ts';
import { causeText } from '../../../harness/cause-texts.ts';
import type { Claim } from '../../../harness/vocabulary/claim.ts';
import type { Answer, Known, Question } from '../answers.ts';
import { groupDirections } from '../group-directions.ts';
import { renderComparison } from './comparison.ts';
import { mailText } from './mail-text.ts';
import { rangeWords } from './range-words.ts';
import { claimsInCard, conditionWords, renderGroup } from './render-answer.ts';
import { renderPredicted } from './render-predicted.ts';
import { renderSource } from './render-source.ts';
import type { Detail } from './site-data.ts';
import type { View } from './view.ts';

/** Everything about one device, for what its owner has told so far. */
export function renderDevice(view: View, detail: Detail, known: Known, answer: Answer): Markup {
  const { words, language } = view;
  const { device } = detail;
  const question = answer.directions.find((d) => d.question !== null)?.question ?? null;
  const emulated = detail.verdicts.some((v) => v.emulated);
  const notes =
    device.notes === undefined
      ? html``
      : html`<p class="note"><strong>${words.note}:</strong> ${device.notes[language]}</p>`;
  const comparison = renderComparison(view, detail, answer.directions);
  return html`<p class="back"><a href="#/">← ${words.back}</a></p>
<h2 tabindex="-1" id="answer-title">${deviceName(device, language)} <small>${kindWord(device.kind, language)}</small></h2>
${emulated ? html`<p class="banner">${EMULATED_BANNER[language]}</p>` : html``}${renderAliases(view, detail)}
${renderKnown(view, known)}${question === null ? html`` : renderQuestion(view, detail, question)}
${question === null ? renderDirections(view, detail, answer) : html``}
${renderMenus(view, detail)}${notes}
${question === null ? renderMail(view, detail, known, answer) : html``}
${comparison === null ? html`` : section(words.comparison, comparison)}${renderPredicted(view, detail)}
${renderWords(view, detail)}${renderErrors(view, detail)}${renderClaims(view, detail, question === null ? answer : null)}
${renderRecognition(view, detail)}${renderEvidence(view, detail)}`;
}

/** A general entry of a maker has dozens. */
function renderAliases({ words }: View, { device: { aliases } }: Detail): Markup {
  if (aliases.length === 0) return html``;
  if (aliases.length <= FEW_ALIASES) return html`<p class="quiet">${words.aliases}: ${aliases.join(', ')}</p>`;
  const [first, rest] = [aliases.slice(0, FEW_ALIASES), aliases.slice(FEW_ALIASES)];
  return html`<details class="quiet aliases"><summary>${words.aliases}: ${first.join(', ')} … (+${rest.length})</summary>${rest.join(', ')}</details>`;
}

const FEW_ALIASES = 8;

/** Not while the one question is open: an answer would be a guess. */
function renderDirections(view: View, detail: Detail, { directions }: Answer): Markup {
  if (directions.length === 0) {
    return html`<section class="card unknown"><h3><span aria-hidden="true">?</span> ${view.words.untested}</h3></section>`;
  }
  return html`<div class="cards">${groupDirections(directions).map((group) => renderGroup(view, detail, group))}</div>`;
}

function renderQuestion(view: View, detail: Detail, { kind, options }: Question): Markup {
  const { words } = view;
  const buttons = options.map(
    ({ value }) =>
      html`<button type="button" data-choose="${kind}" data-value="${value ?? ''}">${optionWords(view, kind, value)}</button>`,
  );
  const ask = kind === 'firmware' ? words.version : systemQuestion(view, options);
  return html`<section class="question" aria-labelledby="ask"><p class="quiet">${words.ask}:</p><h3 id="ask">${ask}</h3><div class="options">${buttons}</div></section>`;
}

/** "Welche Windows-Version?" where all systems are of one family, else "Welches Betriebssystem?" */
function systemQuestion(view: View, options: Question['options']): string {
  const names = options.flatMap(({ value }) => (value === null ? [] : [view.nameOf(value)]));
  const [family, ...others] = new Set(
    names.map((n) => n.replace(/^(Microsoft|Apple|Google) /, '').split(' ')[0] ?? ''),
  );
  return family !== undefined && others.length === 0 ? view.words.osOf(family) : view.words.os;
}

function optionWords(view: View, kind: Question['kind'], value: string | null): string {
  if (kind === 'firmware') return rangeWords(value ?? '', view.words);
  return value === null ? view.words.otherOs : view.nameOf(value);
}

function renderKnown(view: View, known: Known): Markup {
  const given = (['os', 'firmware'] as const).flatMap((kind) => {
    const value = known[kind];
    return value === undefined
      ? []
      : [
          html`<button type="button" data-forget="${kind}">${optionWords(view, kind, value)} <span>(${view.words.change})</span></button>`,
        ];
  });
  return given.length === 0 ? html`` : html`<p class="given">${view.words.chosen}: ${given}</p>`;
}

function renderMail(view: View, detail: Detail, known: Known, answer: Answer): Markup {
  const { words } = view;
  return html`<div class="actions"><button type="button" class="main" data-copy>${words.copy} <span>${words.copyHint}</span></button>
<button type="button" data-print>${words.print}</button></div>
<p class="said" role="status" id="copied"></p>
<details class="mail"><summary>${words.mailText}</summary><textarea id="mail-text" readonly rows="14" aria-label="${words.mailText}">${mailText(view, detail, known, answer)}</textarea></details>`;
}

function renderMenus(view: View, { device }: Detail): Markup {
  const { words, language } = view;
  const items = device.menus.map((menu) => {
    const direction = menu.direction === undefined ? '' : `${DIRECTION_WORDS[menu.direction][language]}: `;
    return html`<li>${direction}<strong>${menu.path[language]}</strong>${condition(view, menu.when)} ${renderSource(view, menu.source)}</li>`;
  });
  return listSection(words.menus, items);
}

function renderWords(view: View, { device }: Detail): Markup {
  const { language } = view;
  const rows = (['implicit', 'starttls', 'opportunistic', 'plaintext'] as const).flatMap((security) => {
    const word = device.words[security];
    return word === undefined
      ? []
      : [html`<div><dt>„${word}“</dt><dd>${SHORT_SECURITY[security][language]}</dd></div>`];
  });
  return rows.length === 0 ? html`` : section(view.words.deviceWords, html`<dl class="facts">${rows}</dl>`);
}

function renderErrors(view: View, { device }: Detail): Markup {
  const { language } = view;
  const items = device.errors.map(({ text, means, causes, source }) => {
    const names = causes.map((cause) => causeText(cause, device.kind).customer[language].name);
    return html`<li><code>${text}</code>: ${means[language]}${names.length === 0 ? '' : ` (${names.join('; ')})`} ${renderSource(view, source)}</li>`;
  });
  return listSection(view.words.errors, items);
}

/** Those that no card holds already. */
function renderClaims(view: View, { device }: Detail, answer: Answer | null): Markup {
  const said = new Set(answer === null ? [] : groupDirections(answer.directions).flatMap(claimsInCard));
  const rest = device.claims.filter((claim) => !said.has(claim));
  const items = rest.map(
    ({ says, source, when }) =>
      html`<li>${says[view.language]}${condition(view, when)} ${renderSource(view, source)}</li>`,
  );
  return listSection(rest.length < device.claims.length ? view.words.moreClaims : view.words.claims, items);
}

function renderRecognition(view: View, { device }: Detail): Markup {
  const { recognition } = device;
  if (recognition === undefined) return html``;
  const lines = [
    ...recognition.ehlo.map((name) => html`<li>EHLO <code>${name}</code></li>`),
    ...recognition.mailer.map((name) => html`<li>X-Mailer: <code>${name}</code></li>`),
    ...recognition.otherwise.map((text) => html`<li>${text[view.language]}</li>`),
  ];
  return listSection(view.words.recognition, lines);
}

function renderEvidence(view: View, { evidence }: Detail): Markup {
  const items = evidence.map(
    ({ trial, files }) =>
      html`<li><code>${trial}</code>${files.length === 0 ? '' : html`<ul>${files.map((f) => html`<li><code>${f}</code></li>`)}</ul>`}</li>`,
  );
  if (items.length === 0) return html``;
  return section(view.words.evidence, html`<p class="quiet">${view.words.evidenceNote}</p><ul>${items}</ul>`);
}

function condition(view: View, when: Claim['when']): string {
  const text = when === undefined ? '' : conditionWords(view, when);
  return text === '' ? '' : ` (${view.words.when}: ${text})`;
}

function section(title: string, body: Markup): Markup {
  return html`<section class="more"><h3>${title}</h3>${body}</section>`;
}

/** A long list is folded, so that the next section is not out of sight. */
function listSection(title: string, items: readonly Markup[]): Markup {
  if (items.length === 0) return html``;
  const list = html`<ul>${items}</ul>`;
  if (items.length <= SHORT_LIST) return section(title, list);
  return html`<details class="more"><summary><h3>${title} (${items.length})</h3></summary>${list}</details>`;
}

const SHORT_LIST = 3;
