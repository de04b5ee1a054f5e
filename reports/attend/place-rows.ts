/// <reference lib="dom" />
import type { PageView } from './page-view.ts';
import { placeMarkup } from './place-markup.ts';
import { renderList, renderRow } from './render-list.ts';

/** Brings the list up to date, each row for itself: one device of forty changes at a time, and a tablet is slow. */
export function placeRows(container: Element, view: PageView): void {
  const { activeElement: active } = document;
  const focused = active !== null && container.contains(active) ? active.id : '';
  const isRearranged = placeMarkup(container, renderList(view));
  for (const item of container.querySelectorAll<HTMLElement>('[data-item]')) {
    const device = view.attend.devices.find((d) => d.id === item.dataset['item']);
    if (device !== undefined) placeMarkup(item, renderRow(view, device));
  }
  // Who is there with the keys stays there: the places were empty until now.
  if (isRearranged && focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
}
