import { causeText } from '../../harness/cause-texts.ts';
import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { basisText } from '../basis-texts.ts';
import { EMULATED_BANNER } from '../coverage.ts';
import { DIRECTION_WORDS } from '../device-words.ts';
import { html, type Markup } from '../html.ts';
import { remedyTexts } from '../remedy-texts.ts';
import { settingRows } from '../setting-words.ts';
import { settingToEnter, type Situation } from '../situation.ts';
import { CONFIDENCE_TEXTS, verdictName, verdictOnDay, verdictText } from '../verdict-texts.ts';
import type { PageView } from './page-view.ts';

/** The answer for each direction, in the words that owners read everywhere else. */
export function renderVerdicts(view: PageView, device: AttendedDevice): Markup {
  const { verdicts } = device;
  const emulated = verdicts.some((v) => v.emulated);
  const banner = emulated ? html`<p class="banner">${EMULATED_BANNER[view.language]}</p>` : html``;
  return html`${banner}${verdicts.map((v) => renderVerdict(view, situationOf(view, device, v)))}`;
}

export function situationOf(view: PageView, device: AttendedDevice, verdict: Verdict): Situation {
  return { verdict, device: asDevice(device), schedule: view.schedule, language: view.language };
}

function renderVerdict(view: PageView, situation: Situation): Markup {
  const { words } = view;
  const word = verdictOnDay(situation);
  const title = DIRECTION_WORDS[situation.verdict.direction][view.language];
  return html`<section class="verdict ${word}"><h3><span aria-hidden="true">${VERDICT_SIGNS[word]}</span> ${title}: ${verdictName(situation)}</h3>
<p class="says">${verdictText(situation)}</p>${renderCause(view, situation)}${renderSettings(view, situation)}${renderRemedies(view, situation)}
<p class="quiet">${words.known}: ${basisText(situation)}</p></section>`;
}

function renderCause({ words }: PageView, { verdict, language, device }: Situation): Markup {
  const [cause] = verdict.causes;
  if (cause === undefined) return html``;
  const { what, why } = causeText(cause, device?.kind).customer[language];
  const sure = verdict.verdict === 'unknown' ? '' : ` (${CONFIDENCE_TEXTS[verdict.confidence][language]})`;
  return html`<h4>${words.reason}${sure}</h4><p>${what} ${why}</p>`;
}

function renderSettings({ words, language }: PageView, situation: Situation): Markup {
  const enter = settingToEnter(situation);
  if (enter === null) return html``;
  const rows = settingRows(enter.setting, enter.host, language, situation.device?.kind).map(
    ({ label, value }) => html`<div><dt>${label}</dt><dd><span class="value">${value}</span></dd></div>`,
  );
  const title = situation.verdict.verdict === 'works' ? words.proven : words.enter;
  return html`<h4>${title}</h4><dl class="entries">${rows}</dl>`;
}

function renderRemedies({ words }: PageView, situation: Situation): Markup {
  const { first, otherwise } = remedyTexts(situation);
  if (first.length + otherwise.length === 0) return html``;
  const items = (texts: readonly string[]) => texts.map((text) => html`<li>${text}</li>`);
  const rest =
    otherwise.length === 0
      ? html``
      : html`<p>${words.ifNot}</p><ol start="${first.length + 1}">${items(otherwise)}</ol>`;
  return html`<h4>${words.todo}</h4><ol>${items(first)}</ol>${rest}`;
}

/** The texts ask a device for its kind and its settings; the rest stays with the harness. */
function asDevice({ id, name, kind, configured }: AttendedDevice): Device {
  return {
    id,
    vendor: name,
    model: name,
    aliases: [],
    kind,
    firmware: [],
    settings: [...configured],
    fixedPorts: false,
    trust: 'none',
    sendsRarely: false,
    patience: { idleSeconds: 0, totalSeconds: 0 },
    claims: [],
    menus: [],
    words: {},
    errors: [],
  };
}

const VERDICT_SIGNS: Readonly<Record<Verdict['verdict'], string>> = {
  works: '✓',
  'works-after-change': '✎',
  'works-after-update': '↑',
  'legacy-only': '→',
  'stops-working': '✕',
  'fails-already': '!',
  unknown: '?',
};
