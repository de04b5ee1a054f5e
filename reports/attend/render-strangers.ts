import type { Stranger } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';

/** Devices that connected although nobody was asked: which one is it? */
export function renderStrangers(view: PageView): Markup {
  const { attend, words } = view;
  if (attend.strangers.length === 0 || attend.finished) return html``;
  return html`<section class="strangers" aria-labelledby="strangers-title"><h2 id="strangers-title">${words.strangers}</h2><p>${words.strangersHow}</p>${attend.strangers.map((s) => renderStranger(view, s))}</section>`;
}

function renderStranger({ words, attend, language }: PageView, stranger: Stranger): Markup {
  const { id, address, port, ehlo, offered, at } = stranger;
  const options = attend.devices
    .filter((d) => d.state !== 'done')
    .map((d) => html`<option value="${d.id}">${d.name}${d.note === '' ? '' : ` (${d.note})`}</option>`);
  return html`<div class="stranger"><p>${words.seen(renderTime(at, language), address, port)}. ${ehlo === null ? '' : words.greets(ehlo)} ${offered === null ? '' : words.offered(offered)}</p>
<div class="assign"><label for="is-${id}">${words.thisIs}</label><select id="is-${id}"><option value="">${words.choose}</option>${options}</select>
<button type="button" id="claim-${id}" data-claim="${id}">${words.assign}</button></div></div>`;
}

/** By the tablet's time zone, which is the desk's: they stand in one building. */
function renderTime(iso: string, language: 'de' | 'en'): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
}
