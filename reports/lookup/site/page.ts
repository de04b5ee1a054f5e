/// <reference lib="dom" />
import type { Language } from '../../../harness/cause-texts.ts';
import { html, type Markup } from '../../html.ts';
import { composeAnswer, type Known } from '../answers.ts';
import { readKnown } from '../read-known.ts';
import { copyText } from './copy-text.ts';
import { type Filters, fitsFilters, NO_FILTERS } from './filters.ts';
import { createFind, type Find, type Found } from './find.ts';
import { renderFrame, renderMissing } from './frame.ts';
import { chosenLanguage, rememberLanguage } from './language.ts';
import { loadDetail, loadErrors, readIndex } from './page-data.ts';
import { parsePlace, renderPlace } from './place.ts';
import { renderDevice } from './render-device.ts';
import { renderExplained } from './render-explained.ts';
import { renderList, renderStand } from './render-list.ts';
import { renderWelcome } from './render-welcome.ts';
import type { Detail, ErrorEntry, SiteIndex } from './site-data.ts';
import { viewOf } from './view.ts';

/** After the first painting; nobody has typed a word yet. */
const PREPARED_AFTER_MS = 100;

const index = readIndex();
if (index === null) put('app', renderMissing());
else startPage(index);

/** Holds what a person has typed and chosen; everything shown is rendered from it. */
function startPage(site: SiteIndex): void {
  let language: Language = chosenLanguage();
  let query = '';
  /** A pasted log: the search box holds one line only. */
  let pasted = '';
  let filters: Filters = NO_FILTERS;
  let find: Find | null = null;
  let errors: readonly ErrorEntry[] = [];
  /** The entry was opened from the results: what else was typed may answer its question. */
  let opened = false;
  /** The entry that the search opened by itself, because nothing else fits. */
  let onlyFit: string | null = null;

  const view = () => viewOf(site, language);
  const place = () => parsePlace(location.hash);

  function showAll(): void {
    document.documentElement.lang = language;
    document.title = view().words.title;
    put('app', renderFrame(view(), query, filters));
    showList();
    void showAnswer(false);
  }

  /** Searching needs an index of its own, which is not made while the page opens. */
  function foundBy(words: string): Found {
    return words === '' ? { rows: site.rows, missed: [] } : (find ??= createFind(site.rows))(words);
  }

  function showList(): void {
    const words = query.trim();
    put('list', renderList(view(), foundBy(words), words, filters, place().device));
    put('stand', renderStand(view()));
    const stillPasted = words !== '' && pasted.split('\n')[0]?.trim() === words;
    put('explained', renderExplained(view(), stillPasted ? pasted : words, errors));
  }

  async function showAnswer(moveFocus: boolean): Promise<void> {
    const { device, known } = place();
    document.body.classList.toggle('answering', device !== null);
    const { words } = view();
    if (device === null) return put('answer', renderWelcome(view()));
    const fromQuery = opened;
    opened = false;
    const loading = await loadDetail(site, device);
    if (place().device !== device) return;
    if (loading.kind !== 'loaded')
      return put('answer', html`<p class="banner" role="alert">${words[loading.kind]}</p>`);
    const { detail } = loading;
    const told = fromQuery && known.os === undefined && known.firmware === undefined ? toldBy(detail) : known;
    const answer = composeAnswer(detail.device, detail.verdicts, site.policies, told);
    put('answer', renderDevice(view(), detail, told, answer));
    if (moveFocus) document.getElementById('answer-title')?.focus();
  }

  /** The one entry that fits is the answer. It goes again when more is typed, so that no wrong one stays beside other results. */
  function openOnlyFit(): void {
    const words = query.trim();
    const { rows, missed } = foundBy(words);
    const fitting = rows.filter((row) => fitsFilters(row, filters, view().schedule));
    const isAsked = words !== '' || Object.values(filters).some((value) => value !== '');
    const fit = isAsked && missed.length === 0 && fitting.length === 1 ? (fitting[0]?.id ?? null) : null;
    const { device } = place();
    const openedHere = device !== null && device === onlyFit;
    // What somebody has opened by hand stays.
    if (fit === null ? !openedHere : fit === device && !openedHere) return;
    onlyFit = fit;
    opened = fit !== null;
    if (fit !== device) {
      const address = renderPlace({ device: fit, known: {} });
      // One step back leads to what was open before the search, however many letters were typed.
      if (openedHere) history.replaceState(null, '', address);
      else history.pushState(null, '', address);
    }
    void showAnswer(false);
  }

  /** "outlook 2010 windows 7" names the system, too. The address keeps it. */
  function toldBy({ device }: Detail): Known {
    const { missed } = foundBy(query.trim());
    const systems = site.rows.filter((r) => r.kind === 'os').map((r) => ({ ...r, aliases: r.aliases ?? [] }));
    const known = readKnown(query, missed, device, systems);
    if (Object.keys(known).length > 0) history.replaceState(null, '', renderPlace({ device: device.id, known }));
    return known;
  }

  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.id !== 'search') return;
    query = target.value;
    // A telephone has room for one of both: who types wants the results.
    document.body.classList.remove('answering');
    openOnlyFit();
    showList();
  });
  document.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text') ?? '';
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || !/\n./.test(text.trim())) return;
    event.preventDefault();
    [pasted, query] = [text.trim(), text.trim().split('\n')[0] ?? ''];
    target.value = query;
    showList();
  });
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    filters = { ...filters, [target.id]: target.value };
    openOnlyFit();
    showList();
  });
  document.addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest<HTMLAnchorElement>('a.row') : null;
    opened = row !== null;
    // The address does not change where the same entry is opened again.
    if (row?.hash === location.hash) void showAnswer(true);
    const button = target instanceof Element ? target.closest('button') : null;
    if (button !== null) void press(button);
  });
  // What the answer stands on; long lists only as far as somebody has opened them.
  addEventListener('beforeprint', () =>
    document.querySelectorAll('.card details.more').forEach((d) => d.setAttribute('open', '')),
  );
  document.addEventListener('keydown', (event) => moveByKey(event));
  addEventListener('hashchange', () => {
    showList();
    void showAnswer(true);
  });
  // The page may have been open since yesterday.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    keepRow(showList);
    void showAnswer(false);
  });
  showAll();
  performance.mark('cutover-usable');
  // Once the page is painted, while somebody reaches for the keys: with 5,000 devices it takes a third of a second.
  requestAnimationFrame(() => setTimeout(() => void prepare(), PREPARED_AFTER_MS));

  async function prepare(): Promise<void> {
    find ??= createFind(site.rows);
    errors = await loadErrors(site);
    if (query !== '') keepRow(showList);
  }

  async function press(button: HTMLButtonElement): Promise<void> {
    const { choose, value, forget, try: example } = button.dataset;
    const { device, known } = place();
    if (button.id === 'language') {
      language = language === 'de' ? 'en' : 'de';
      rememberLanguage(language);
      showAll();
      document.getElementById('language')?.focus();
    } else if (button.id === 'reset') {
      filters = NO_FILTERS;
      showAll();
      document.getElementById('search')?.focus();
    } else if (value !== undefined && choose === 'os') {
      location.hash = renderPlace({ device, known: { ...known, os: value === '' ? null : value } });
    } else if (value !== undefined && choose === 'firmware') {
      location.hash = renderPlace({ device, known: { ...known, firmware: value } });
    } else if (forget !== undefined) {
      const kept = Object.entries(known).filter(([name]) => name !== forget);
      location.hash = renderPlace({ device, known: Object.fromEntries(kept) });
    } else if (example !== undefined) {
      query = example;
      showAll();
      openOnlyFit();
      showList();
      document.getElementById('search')?.focus();
    } else if ('copy' in button.dataset) {
      const copied = await copyText();
      put('copied', html`${copied ? view().words.copied : view().words.notCopied}`);
    } else if ('print' in button.dataset) {
      print();
    }
  }
}

/** "/" to the search, arrows along the results, Escape back to an empty search. */
function moveByKey(event: KeyboardEvent): void {
  const search = document.getElementById('search');
  const active = document.activeElement;
  if (!(search instanceof HTMLInputElement) || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...document.querySelectorAll<HTMLAnchorElement>('a.row')];
  const at = rows.findIndex((row) => row === active);
  if (event.key === '/' && !(active instanceof HTMLInputElement) && !(active instanceof HTMLTextAreaElement)) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === 'ArrowDown' && (active === search || at >= 0)) {
    event.preventDefault();
    rows[at + 1]?.focus();
  } else if (event.key === 'ArrowUp' && at >= 0) {
    event.preventDefault();
    (rows[at - 1] ?? search).focus();
  } else if (event.key === 'Enter' && active === search) {
    event.preventDefault();
    // Of a model that is not in the catalogue nothing is opened in passing: the nearest is another one.
    if (document.querySelector('#list .unknown-words') === null) rows[0]?.click();
    else rows[0]?.focus();
  } else if (event.key === 'Escape' && active === search && search.value !== '') {
    event.preventDefault();
    search.value = '';
    search.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** Draws the list again under somebody who is in it with the keys. */
function keepRow(draw: () => void): void {
  const active = document.activeElement;
  const href = active?.classList.contains('row') === true ? active.getAttribute('href') : null;
  draw();
  const rows = [...document.querySelectorAll<HTMLAnchorElement>('a.row')];
  if (href !== null) rows.find((row) => row.getAttribute('href') === href)?.focus();
}

/** The one place where markup enters the page: only what `html` has escaped can get here. */
function put(id: string, markup: Markup): void {
  const element = document.getElementById(id);
  if (element !== null) element.innerHTML = markup.text;
}
