import type { AttendedDevice, SeenStranger } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';
import { renderTime } from './render-time.ts';

/** Several devices were pressed at once: which connection is that of the device in front of the person? One tap says it. */
export function renderClaim(
  { words, language }: PageView,
  { id }: AttendedDevice,
  candidates: readonly SeenStranger[],
): Markup {
  // What they have in common tells nothing.
  const hasNames = new Set(candidates.map((c) => c.ehlo)).size > 1;
  const choices = candidates.map(
    ({ id: stranger, address, ehlo, at }) =>
      html`<button type="button" class="main candidate" id="is-${id}-${stranger}" data-claim="${stranger}" data-device="${id}"><span class="address">${address}</span> <span>${words.claimAt(renderTime(at, language))}</span>${ehlo === null || !hasNames ? html`` : html` <span>${words.greets(ehlo)}</span>`}</button>`,
  );
  return html`<h3>${words.claimTitle}</h3><p>${words.claimHow}</p><div class="choices candidates">${choices}</div>`;
}
