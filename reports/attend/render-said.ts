import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';

/**
 * "What does it show?": asked while a press is on its way and where nothing came of it; else folded, because a device
 * may take its time. It never decides anything.
 */
export function renderSaid(view: PageView, device: AttendedDevice): Markup {
  const { words, me, attend } = view;
  const { state, by, results } = device;
  if (attend.finished || by !== me || me === '') return html``;
  if (state === 'armed' || state === 'connected' || state === 'stuck') {
    return html`<h3>${words.whatShows}</h3>${renderForm(view, device)}`;
  }
  const later = state === 'entering' || (state === 'done' && results.length > 0);
  return later ? html`<details><summary>${words.showsByNow}</summary>${renderForm(view, device)}</details>` : html``;
}

function renderForm({ words }: PageView, device: AttendedDevice): Markup {
  const { id, prompt, results } = device;
  const direction = prompt?.direction ?? results.at(-1)?.direction;
  const sent = direction === 'fetch' ? words.saysFetched : words.saysSent;
  return html`<form data-said="${id}">
<label for="code-${id}">${words.code}</label><input id="code-${id}" maxlength="200" autocomplete="off" autocapitalize="off" spellcheck="false">
<div class="choices"><button type="button" id="failed-${id}" data-shows="failed" data-device="${id}">${words.saysError}</button>
<button type="button" id="sent-${id}" data-shows="sent" data-device="${id}">${sent}</button>
<span class="file"><input type="file" id="photo-${id}" data-photo="${id}" accept="image/*" capture="environment"><label for="photo-${id}">${words.photo}</label></span></div></form>`;
}
