/// <reference lib="dom" />
import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import type { PageView } from './page-view.ts';
import { placeMarkup } from './place-markup.ts';
import { CARD_PARTS, renderCard } from './render-card.ts';

/** Brings the opened devices up to date, each part for itself. `notes`: by device, what became of its last answer. */
export function placeCards(container: Element, view: PageView, notes: ReadonlyMap<string, string>): void {
  const shown = view.opened.flatMap((id) => view.attend.devices.find((d) => d.id === id) ?? []);
  const ids = new Set(shown.map(({ id }) => `card-${id}`));
  const gone = Array.from(container.children).filter((card) => !ids.has(card.id));
  for (const card of gone) card.remove();
  shown.forEach((device, i) => {
    const card = document.getElementById(`card-${device.id}`) ?? createCard(device);
    if (container.children[i] !== card) container.insertBefore(card, container.children[i] ?? null);
    placeCard(card, view, device, notes.get(device.id) ?? '');
  });
}

function placeCard(card: HTMLElement, view: PageView, device: AttendedDevice, note: string): void {
  card.dataset['state'] = device.state;
  const hadFocus = card.contains(document.activeElement);
  const parts = renderCard(view, device, note);
  for (const name of CARD_PARTS) {
    const part = card.querySelector(`:scope > .${name}`);
    if (part !== null) placeMarkup(part, parts[name]);
  }
  // The button that was pressed may be gone: the next Tab goes on from here, and not from the top of the page.
  if (hadFocus && !card.contains(document.activeElement)) {
    document.getElementById(`title-${device.id}`)?.focus({ preventScroll: true });
  }
}

function createCard({ id }: AttendedDevice): HTMLElement {
  const card = document.createElement('article');
  card.id = `card-${id}`;
  card.setAttribute('aria-labelledby', `title-${id}`);
  for (const name of CARD_PARTS) {
    const part = document.createElement('div');
    part.className = name;
    if (name === 'note') part.setAttribute('role', 'status');
    card.append(part);
  }
  return card;
}
