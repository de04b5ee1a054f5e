import { type AttendedDevice, type Entry, type Preparation, type Prompt } from '../../harness/vocabulary/attend.ts';
import type { Security } from '../../harness/vocabulary/trial.ts';
import { html, type Markup } from '../html.ts';
import { SECURITY_WORDS, SERVER_WORDS } from '../setting-words.ts';
import type { PageView } from './page-view.ts';

/** What to enter, in the words of the device's menu: everything first, later only what changes. */
export function renderEntries({ words, language }: PageView, device: AttendedDevice, prompt: Prompt): Markup {
  const { entries, menu } = prompt;
  if (entries.length === 0) return html`<p class="same">${words.enterNothing}</p>`;
  const needs = (prompt.prepare ?? []).map((what) => renderPreparation(words, what));
  const title = prompt.reason === 'first' ? words.enterAll : words.enterChange;
  const way = menu === undefined ? html`` : html`<p class="menu">${words.menu}: <strong>${menu[language]}</strong></p>`;
  const rows = entries.map((entry) => {
    const label = entry.name === 'host' ? SERVER_WORDS[prompt.setting.protocol][language] : words.entries[entry.name];
    const id = `value-${device.id}-${entry.name}`;
    const chosen = shown(entry, language);
    const button = chosen.typed
      ? html`<button type="button" id="copy-${id}" data-copy="${id}" aria-label="${words.copy(label)}">${words.copyShort}</button>`
      : html``;
    return html`<div><dt>${label}</dt><dd><span class="value ${chosen.typed ? 'typed' : ''}" id="${id}">${chosen.text}</span>${button}</dd></div>`;
  });
  return html`${needs}<h3>${title}</h3>${way}<dl class="entries">${rows}</dl>`;
}

/** Links of the harness's own: what a device is, or where it leads, is in none of them. */
function renderPreparation(words: PageView['words'], what: Preparation): Markup {
  const { text, links } = words.prepare[what];
  const items = links.map(({ to, name }) => html`<li><a href="${to}" target="_blank" rel="noopener">${name}</a></li>`);
  return html`<p class="menu">${text}</p><ul>${items}</ul>`;
}

/** A choice of a menu is read, everything else is typed in letter by letter. */
function shown(
  { name, value, words }: Entry,
  language: 'de' | 'en',
): { readonly text: string; readonly typed: boolean } {
  if (words !== undefined) return { text: words[language], typed: false };
  if (name === 'security' && isSecurity(value)) return { text: SECURITY_WORDS[value][language], typed: false };
  return { text: value, typed: true };
}

function isSecurity(value: string): value is Security {
  return Object.hasOwn(SECURITY_WORDS, value);
}
