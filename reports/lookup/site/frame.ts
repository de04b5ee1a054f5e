import { kindWord } from '../../device-words.ts';
import { html, type Markup } from '../../html.ts';
import { VERDICT_NAMES } from '../../verdict-texts.ts';
import { type Filters, VERDICTS_IN_ORDER } from './filters.ts';
import { renderStand } from './render-list.ts';
import type { View } from './view.ts';

/** What stays while somebody searches: title, search box, filters, and the places for list and answer. */
export function renderFrame(view: View, query: string, filters: Filters): Markup {
  const { words, language } = view;
  const other = language === 'de' ? { code: 'en', name: 'English' } : { code: 'de', name: 'Deutsch' };
  const kinds = [...new Set(view.index.rows.map((r) => r.kind))]
    .map((kind) => ({ value: kind, text: kindWord(kind, language) }))
    .toSorted((a, b) => a.text.localeCompare(b.text, language));
  // What ended with the transition server counts as stopped: nothing is left to be found under its name.
  const ended = view.schedule.legacyEnded;
  const verdicts = VERDICTS_IN_ORDER.filter((v) => v !== 'legacy-only' || !ended).map((v) => ({
    value: v,
    text: VERDICT_NAMES[v][language],
  }));
  const bases = (['measured', 'predicted', 'claimed'] as const).map((b) => ({ value: b, text: words.bases[b] }));
  return html`<header><div class="bar"><h1>${words.title}</h1>
<button type="button" id="language" lang="${other.code}" data-language="${other.code}">${other.name}</button></div>
<p class="lead">${words.lead}</p>
<form role="search" id="search-form"><label for="search">${words.search}</label>
<input id="search" type="search" value="${query}" placeholder="${words.placeholder}" autocomplete="off" autocapitalize="off" spellcheck="false" aria-controls="list" aria-describedby="keys">
<p id="keys" class="quiet">${words.help}</p>
<div class="filters">${select('kind', words.kind, kinds, filters.kind, words.any)}${select('verdict', words.verdict, verdicts, filters.verdict, words.any)}${select('basis', words.basis, bases, filters.basis, words.any)}<button type="button" id="reset">${words.reset}</button></div></form>
<div id="stand">${renderStand(view)}</div></header>
<main><div id="explained"></div><section id="hits" aria-label="${words.results}"><div id="list"></div></section>
<article id="answer" aria-live="off"></article></main>`;
}

/** Without its index the page has nothing to show; nobody has chosen a language yet. */
export function renderMissing(): Markup {
  const german = 'Die Daten dieser Seite ließen sich nicht laden (data/index.js). Laden Sie die Seite neu.';
  const english = 'The data of this page could not be loaded (data/index.js). Reload the page.';
  return html`<main class="alone"><h1>Geräte-Auskunft</h1><p class="banner" role="alert">${german}</p><p class="banner" lang="en">${english}</p></main>`;
}

interface Option {
  readonly value: string;
  readonly text: string;
}

function select(id: string, label: string, options: readonly Option[], chosen: string, any: string): Markup {
  const items = [{ value: '', text: any }, ...options].map(({ value, text }) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  );
  return html`<label for="${id}"><span>${label}</span><select id="${id}" data-filter="${id}">${items}</select></label>`;
}
