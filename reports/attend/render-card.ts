import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import { kindWord } from '../device-words.ts';
import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';
import { renderAsk } from './render-ask.ts';
import { renderState } from './render-list.ts';
import { renderResults } from './render-results.ts';
import { renderSaid } from './render-said.ts';
import { renderVerdicts } from './render-verdict.ts';

/** Each is put in place for itself, so that a result that arrives does not disturb who is typing beside it. */
export const CARD_PARTS = ['head', 'verdict', 'results', 'ask', 'note', 'said'] as const;
export type CardPart = (typeof CARD_PARTS)[number];

/** One opened device. `note`: what became of the last answer of this tablet. */
export function renderCard(view: PageView, device: AttendedDevice, note: string): Readonly<Record<CardPart, Markup>> {
  return {
    head: renderHead(view, device),
    verdict: renderVerdicts(view, device),
    results: renderResults(view, device),
    ask: renderAsk(view, device),
    note: html`${note}`,
    said: renderSaid(view, device),
  };
}

function renderHead(view: PageView, device: AttendedDevice): Markup {
  const { words, language } = view;
  const { id, name, kind, note } = device;
  const place = [kindWord(kind, language), ...(note === '' ? [] : [note])].join(' · ');
  return html`<div class="bar"><h3 class="title" id="title-${id}" tabindex="-1">${name}</h3><button type="button" class="close" id="close-${id}" data-close="${id}" aria-label="${words.closeDevice(name)}"><span aria-hidden="true">✕</span></button></div>
<p class="quiet">${place}</p><p>${renderState(view, device)}</p>`;
}
