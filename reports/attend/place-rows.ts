/// <reference lib="dom" />
import type { PageView } from './page-view.ts';
import { placeMarkup } from './place-markup.ts';
import { renderList, renderRow } from './render-list.ts';

/** Brings the list up to date, each row for itself: one device of forty changes at a time, and a tablet is slow. */
export function placeRows(container: Element, view: PageView): void {
  placeMarkup(container, renderList(view));
  for (const item of container.querySelectorAll<HTMLElement>('[data-item]')) {
    const device = view.attend.devices.find((d) => d.id === item.dataset['item']);
    if (device !== undefined) placeMarkup(item, renderRow(view, device));
  }
}
