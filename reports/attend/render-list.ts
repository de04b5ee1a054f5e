import type { AttendedDevice, AttendedState, AttendView } from '../../harness/vocabulary/attend.ts';
import { kindWord } from '../device-words.ts';
import { html, type Markup } from '../html.ts';
import type { Filter, PageView } from './page-view.ts';

/** A place for each device that fits, in the order of the run: it is the way that people walk. `placeRows` fills them. */
export function renderList({ attend, words, query, filter }: PageView): Markup {
  const fitting = attend.devices.filter((d) => fits(d, filter) && matches(d, query));
  if (fitting.length === 0) return html`<p class="quiet">${words.noneFits}</p>`;
  return html`<ul class="rows">${fitting.map(({ id }) => html`<li data-item="${id}"></li>`)}</ul>`;
}

export function fits({ state }: AttendedDevice, filter: Filter): boolean {
  return filter === 'all' || STATES[filter].includes(state);
}

const STATES: Readonly<Record<Exclude<Filter, 'all'>, readonly AttendedState[]>> = {
  free: ['waiting'],
  busy: ['entering', 'armed', 'connected'],
  stuck: ['stuck'],
  done: ['done'],
  skipped: ['skipped'],
};

/** Every word that is typed stands somewhere in name, place, kind or whose hands it is in. */
function matches({ name, note, by, id }: AttendedDevice, query: string): boolean {
  const text = `${name} ${note} ${by} ${id}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function renderRow(view: PageView, device: AttendedDevice): Markup {
  const { opened, language } = view;
  const { id, name, note, kind } = device;
  return html`<button type="button" class="row" id="row-${id}" data-open="${id}" aria-expanded="${String(opened.includes(id))}">
<span class="name">${name}</span><span class="quiet">${note === '' ? kindWord(kind, language) : note}</span>${renderState(view, device)}</button>`;
}

/** State and, while somebody has it, who. */
export function renderState({ words, me }: PageView, { state, by }: AttendedDevice): Markup {
  const inHand = by !== '' && state !== 'done' && state !== 'skipped' && state !== 'waiting';
  const who = !inHand ? '' : ` · ${by === me ? words.withYou : words.with(by)}`;
  return html`<span class="badge ${state}"><span aria-hidden="true">${SIGNS[state]}</span> ${words.states[state]}${who}</span>`;
}

/** A sign beside the word: colour alone says nothing to many people. */
const SIGNS: Readonly<Record<AttendedState, string>> = {
  waiting: '○',
  entering: '✎',
  armed: '…',
  connected: '⇄',
  done: '✓',
  skipped: '–',
  stuck: '!',
};

export function renderProgress({ words, attend }: PageView): Markup {
  const all = attend.devices.length;
  const done = count(attend, 'done');
  const skipped = count(attend, 'skipped');
  const text = `${words.progress(done, all)}${skipped === 0 ? '' : `, ${words.skippedToo(skipped)}`}`;
  const people =
    attend.people.length < 2 ? html`` : html`<p class="quiet">${words.here}: ${attend.people.join(', ')}</p>`;
  return html`<label for="bar">${text}</label><progress id="bar" max="${Math.max(all, 1)}" value="${done}"></progress>${people}`;
}

function count({ devices }: AttendView, state: AttendedState): number {
  return devices.filter((d) => d.state === state).length;
}

/** From one opened device to the next, with what each waits for: on a telephone only one of them is in sight. */
export function renderJumps({ attend, words, opened }: PageView): Markup {
  if (opened.length < 2) return html``;
  const devices = opened.flatMap((id) => attend.devices.find((d) => d.id === id) ?? []);
  return html`${devices.map(({ id, name, state, waitsUntil }) => {
    const left = state === 'armed' && waitsUntil !== null ? html` <span data-until="${waitsUntil}"></span>` : html``;
    return html`<button type="button" id="jump-${id}" class="${state}" data-jump="${id}"><span aria-hidden="true">${SIGNS[state]}</span> ${name}<span class="unseen">: ${words.states[state]}</span>${left}</button>`;
  })}`;
}
