import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';

/** The end of the run, asked twice: nobody can go on after it. */
export function renderEnd({ attend, words }: PageView, asking: boolean): Markup {
  if (attend.finished) return html`<p class="note">${words.finished}</p>`;
  if (!asking) return html`<button type="button" id="finish" data-finish="ask">${words.finish}</button>`;
  const open = attend.devices.filter((d) => d.state !== 'done' && d.state !== 'skipped').length;
  return html`<p class="problem">${words.finishSure(open)}</p><div class="choices"><button type="button" id="finish-no" class="main" data-finish="no">${words.finishNo}</button><button type="button" id="finish-yes" data-finish="yes">${words.finishYes}</button></div>`;
}

/** A throw-away CA: said before somebody takes its refusal for a result. */
export function renderLab({ attend, words }: PageView): Markup {
  return attend.certificate === 'lab'
    ? html`<details class="banner"><summary>${words.lab}</summary><p>${words.labWhy}</p></details>`
    : html``;
}
