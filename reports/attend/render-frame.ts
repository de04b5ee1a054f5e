import type { Language } from '../../harness/cause-texts.ts';
import { html, type Markup } from '../html.ts';
import type { Filter } from './page-view.ts';
import { FILTERS } from './page-view.ts';
import type { Words } from './words.ts';

interface Frame {
  readonly words: Words;
  readonly language: Language;
  readonly me: string;
  readonly query: string;
  readonly filter: Filter;
}

/** What stays while devices change: header, search and filter, and the places for everything that is live. */
export function renderFrame({ words, language, me, query, filter }: Frame): Markup {
  return html`<header><div class="bar"><h1>${words.title}</h1>${languageButton(language)}</div>
<div class="bar people"><button type="button" id="rename" aria-label="${words.nameOf(me)}"><span aria-hidden="true">☺</span> ${me}</button>
<button type="button" id="invite">${words.invite}</button></div>
<div id="progress"></div></header>
<p id="link" role="alert"></p><p id="news" class="unseen" role="status"></p>
<nav id="jumps" aria-label="${words.openDevices}"></nav><main><div id="lab"></div><div id="strangers"></div>
<section aria-labelledby="open-title"><h2 id="open-title">${words.openDevices}</h2><p id="none-open" class="quiet">${words.nothingOpen}</p><div id="cards"></div></section>
<section aria-labelledby="all-title"><h2 id="all-title">${words.allDevices}</h2>
<form role="search"><label for="search">${words.search}</label>
<input id="search" type="search" value="${query}" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="80">
<div class="filters" role="group" aria-label="${words.filter}">${FILTERS.map(
    (f) =>
      html`<button type="button" id="filter-${f}" data-filter="${f}" aria-pressed="${String(f === filter)}">${words.filters[f]} <span data-count="${f}"></span></button>`,
  )}</div></form>
<div id="list"></div></section><div id="end"></div></main>
<dialog id="invitation" aria-labelledby="invitation-title"></dialog>`;
}

/** Asked once; also where somebody else takes the tablet over. */
export function renderNameForm({ words, language, me }: Pick<Frame, 'words' | 'language' | 'me'>): Markup {
  return html`<header><div class="bar"><h1>${words.title}</h1>${languageButton(language)}</div></header>
<main><form id="name-form" class="name"><label for="name">${words.yourName}</label><p class="quiet" id="name-why">${words.nameWhy}</p>
<input id="name" value="${me}" maxlength="40" required autocomplete="nickname" aria-describedby="name-why"><button type="submit" class="main">${words.begin}</button></form></main>`;
}

function languageButton(language: Language): Markup {
  const other = language === 'de' ? { code: 'en', name: 'English' } : { code: 'de', name: 'Deutsch' };
  return html`<button type="button" id="language" lang="${other.code}">${other.name}</button>`;
}
