/// <reference lib="dom" />
import type { Markup } from '../html.ts';

const placed = new WeakMap<Element, string>();

/** Puts markup in place where it has changed. Who types or stands on a button there goes on where they were. */
export function placeMarkup(element: Element, { text }: Markup): boolean {
  if (placed.get(element) === text) return false;
  placed.set(element, text);
  const { activeElement: active } = document;
  const focused = active !== null && element.contains(active) ? active.id : '';
  const typed = [
    ...element.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input:not([type=file]), select'),
  ].map((field) => [field.id, field.value] as const);
  const open = element.querySelector('details')?.open === true;
  element.innerHTML = text;
  for (const [id, value] of typed) {
    const field = id === '' ? null : document.getElementById(id);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
  const details = element.querySelector('details');
  if (details !== null && open) details.open = true;
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}
