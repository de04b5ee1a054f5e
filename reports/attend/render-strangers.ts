import type { AttendedDevice, SeenStranger } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import { candidatesFor, isInHand, type PageView } from './page-view.ts';
import { renderTime } from './render-time.ts';

/** So many fit as buttons on a telephone; more are a list to choose from. */
const MOST_BUTTONS = 4;

/** Connections that belong to no press: which device is it? What an opened card asks already is not asked twice. */
export function renderStrangers(view: PageView): Markup {
  const { attend, words, me } = view;
  const asked = attend.devices.flatMap((d) => (isInHand(d, me) ? candidatesFor(attend, d).map((s) => s.id) : []));
  const strangers = attend.strangers.filter((s) => !asked.includes(s.id));
  if (strangers.length === 0 || attend.finished) return html``;
  return html`<section class="strangers" aria-labelledby="strangers-title"><h2 id="strangers-title">${words.strangers}</h2>${strangers.map((s) => renderStranger(view, s))}</section>`;
}

function renderStranger(view: PageView, stranger: SeenStranger): Markup {
  const { words, attend, language } = view;
  const { address, port, ehlo, offered, at, mayBe } = stranger;
  const open = attend.devices.filter((d) => d.state !== 'done' && d.state !== 'connected');
  const waited = open.filter((d) => mayBe.includes(d.id));
  const choice =
    waited.length > 0 && waited.length <= MOST_BUTTONS
      ? renderButtons(stranger, waited)
      : renderSelect(view, stranger, open);
  return html`<div class="stranger"><p>${waited.length > 0 ? words.contested : words.strangersHow}</p><p>${words.seen(renderTime(at, language), address, port)}. ${ehlo === null ? '' : words.greets(ehlo)} ${offered === null ? '' : words.offered(offered)}</p>
${choice}</div>`;
}

function renderButtons({ id }: SeenStranger, devices: readonly AttendedDevice[]): Markup {
  const buttons = devices.map(
    (d) =>
      html`<button type="button" id="claim-${id}-${d.id}" data-claim="${id}" data-device="${d.id}">${nameOf(d)}</button>`,
  );
  return html`<div class="choices">${buttons}</div>`;
}

/** Those that were waited for come first. */
function renderSelect({ words }: PageView, { id, mayBe }: SeenStranger, devices: readonly AttendedDevice[]): Markup {
  const sorted = devices.toSorted((a, b) => Number(mayBe.includes(b.id)) - Number(mayBe.includes(a.id)));
  const options = sorted.map((d) => html`<option value="${d.id}">${nameOf(d)}</option>`);
  return html`<div class="assign"><label for="is-${id}">${words.thisIs}</label><select id="is-${id}"><option value="">${words.choose}</option>${options}</select>
<button type="button" id="claim-${id}" data-claim="${id}">${words.assign}</button></div>`;
}

function nameOf({ name, note }: AttendedDevice): string {
  return note === '' ? name : `${name} (${note})`;
}
