import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import { candidatesFor, isInHand, type PageView } from './page-view.ts';
import { renderClaim } from './render-claim.ts';
import { renderEntries } from './render-prompt.ts';

/** More presses than this are asked of nobody: MAX_PRESSES of the contract, whose file would bring the schemas into the page. */
export const MOST_PRESSES = 4;

/** What the person at this tablet is asked to do at one device. */
export function renderAsk(view: PageView, device: AttendedDevice): Markup {
  const { words, me, attend } = view;
  const { id, state, by } = device;
  if (attend.finished) return html``;
  if (state === 'done') return html``;
  if (state === 'skipped') return html`<div class="choices">${answer('again', id, words.afterAll, 'main')}</div>`;
  if (isInHand(device, me)) return html`${problem(view, device)}${MINE[state](view, device)}`;
  if (by === '' || state === 'waiting')
    return html`<div class="choices">${answer('take', id, words.take, 'main')}</div>`;
  return html`<p class="note">${words.takenBy(by)}</p>${waiting(view, device)}<div class="choices">${answer('take', id, words.takeAnyway)}</div>`;
}

type Ask = (view: PageView, device: AttendedDevice) => Markup;

const MINE: Readonly<Record<Exclude<AttendedDevice['state'], 'done' | 'skipped'>, Ask>> = {
  waiting: ({ words }, { id }) => html`<div class="choices">${answer('take', id, words.take, 'main')}</div>`,
  entering: (view, device) => {
    const { words } = view;
    const { id, prompt } = device;
    if (prompt === null) return html`<p>${words.loading}</p><div class="choices">${leaving(view, device)}</div>`;
    const why = words.why[prompt.reason];
    return html`<p class="count">${words.press(device.press, MOST_PRESSES)}</p>${why === '' ? html`` : html`<p class="why">${why}</p>`}
${renderEntries(view, device, prompt)}<p class="trigger">${words.trigger[prompt.direction]}</p>
<div class="choices">${answer('pressed', id, words.pressed, 'main huge')}${answer('setting-not-found', id, words.notFound)}${leaving(view, device)}</div>`;
  },
  armed: (view, device) =>
    html`${waiting(view, device)}<p>${view.words.pressNow}</p>${entriesAgain(view, device)}<div class="choices">${leaving(view, device)}</div>`,
  connected: (view, device) => waiting(view, device),
  stuck: (view, device) => {
    const { words } = view;
    const candidates = candidatesFor(view.attend, device);
    if (candidates.length > 0)
      return html`${renderClaim(view, device, candidates)}<p>${words.claimElse}</p><div class="choices">${answer('again', device.id, words.again)}${leaving(view, device)}</div>`;
    return html`<div class="choices">${answer('again', device.id, words.again, 'main')}${leaving(view, device)}</div>${entriesAgain(view, device)}`;
  },
};

/** Its countdown is filled in by the clock; a screen reader is not told each second. */
function waiting({ words }: PageView, { state, waitsUntil }: AttendedDevice): Markup {
  if (state === 'connected')
    return html`<p class="wait on"><span class="pulse" aria-hidden="true"></span>${words.connected}</p>`;
  if (state !== 'armed') return html``;
  const left =
    waitsUntil === null
      ? html``
      : html` <span class="left" role="timer" aria-live="off">${words.waitsFor} <span data-until="${waitsUntil}"></span></span>`;
  return html`<p class="wait"><span class="pulse" aria-hidden="true"></span>${words.waits}${left}</p>`;
}

function entriesAgain(view: PageView, device: AttendedDevice): Markup {
  const { prompt } = device;
  if (prompt === null || prompt.entries.length === 0) return html``;
  return html`<details><summary>${view.words.seeAgain}</summary>${renderEntries(view, device, prompt)}</details>`;
}

/** Mostly of a device that is stuck; a new address, or a restart of the desk, is told whatever the device does. */
function problem(view: PageView, device: AttendedDevice): Markup {
  if (device.problem === undefined) return html``;
  const { what, todo } = view.words.problems[device.problem];
  // Where the person can say which it was, nobody has to wait.
  const isAsked = candidatesFor(view.attend, device).length > 0;
  const more = isAsked ? html`` : html`<p>${todo}</p>${rivals(view, device)}`;
  return html`<div class="problem"><p><strong>${what}</strong></p>${more}</div>`;
}

function rivals({ words, attend }: PageView, device: AttendedDevice): Markup {
  const names = device.rivals.map((id) => attend.devices.find((d) => d.id === id)?.name ?? id);
  return names.length === 0 ? html`` : html`<p>${words.rivals(names.join(', '))}</p>`;
}

function leaving({ words }: PageView, { id }: AttendedDevice): Markup {
  return html`${answer('skip', id, words.skip)}${answer('release', id, words.release)}`;
}

/** A button that sends an answer of this kind. */
function answer(kind: string, device: string, text: string, look = ''): Markup {
  return html`<button type="button" class="${look}" id="${kind}-${device}" data-answer="${kind}" data-device="${device}">${text}</button>`;
}
