/// <reference lib="dom" />
import type { Language } from '../../harness/cause-texts.ts';
import type { AttendView } from '../../harness/vocabulary/attend.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import { html, type Markup } from '../html.ts';
import { chosenLanguage, rememberLanguage } from '../lookup/site/language.ts';
import { scheduleOf } from '../phase.ts';
import { createAnswers } from './answers.ts';
import { createClock, renderCountdown } from './clock.ts';
import { copyValue } from './copy-value.ts';
import { onNextFrame } from './on-next-frame.ts';
import { openInvitation } from './invitation.ts';
import { type LinkState, openLink } from './link.ts';
import { newsOf } from './news.ts';
import { type Filter, FILTERS, isInHand, type PageView, spokenPress } from './page-view.ts';
import { placeCards } from './place-cards.ts';
import { placeRows } from './place-rows.ts';
import { placeMarkup } from './place-markup.ts';
import { rememberedName, rememberedOpened, rememberName, rememberOpened } from './remember.ts';
import { renderEnd, renderLab } from './render-end.ts';
import { renderFrame, renderNameForm } from './render-frame.ts';
import { fits, renderJumps, renderProgress } from './render-list.ts';
import { renderStrangers } from './render-strangers.ts';
import { wordsOf } from './words.ts';

/** Holds what this tablet knows; everything shown is rendered from it. */
function startPage(): void {
  let language: Language = chosenLanguage();
  let me = rememberedName();
  let asksName = me === '';
  let attend: AttendView | null = null;
  let policies: readonly Mode[] = [];
  let opened: readonly string[] = [];
  let [query, filter]: [string, Filter] = ['', 'all'];
  let asksEnd = false;
  let link: LinkState = 'connecting';
  const notes = new Map<string, string>();
  const clock = createClock(() => performance.now(), Date.now());
  const words = () => wordsOf(language);
  const answers = createAnswers({
    words,
    language: () => language,
    isOver: () => attend?.finished === true,
    note(device, text) {
      notes.set(device, text);
      showLive();
    },
  });
  const aboutOf = (id: string): number => {
    const device = attend?.devices.find((d) => d.id === id);
    return device === undefined ? 1 : spokenPress(device);
  };

  function showAll(): void {
    document.documentElement.lang = language;
    document.title = words().title;
    const frame = { words: words(), language, me, query, filter };
    put('app', asksName ? renderNameForm(frame) : renderFrame(frame));
    showLive();
  }

  /** Everything that the desk's views change. */
  function showLive(): void {
    showLink();
    if (asksName) return;
    if (attend === null) return put('list', html`<p class="quiet">${words().loading}</p>`);
    const view = viewOf(attend);
    put('progress', renderProgress(view));
    put('lab', renderLab(view));
    put('strangers', renderStrangers(view));
    put('jumps', renderJumps(view));
    const cards = document.getElementById('cards');
    if (cards !== null) placeCards(cards, view, notes);
    document.getElementById('none-open')?.toggleAttribute('hidden', opened.length > 0);
    const list = document.getElementById('list');
    if (list !== null) placeRows(list, view);
    for (const f of FILTERS) {
      const count = attend.devices.filter((d) => fits(d, f)).length;
      document.querySelector(`[data-count="${f}"]`)?.replaceChildren(String(count));
      document.getElementById(`filter-${f}`)?.setAttribute('aria-pressed', String(f === filter));
    }
    put('end', renderEnd(view, asksEnd));
    tick();
  }

  function viewOf(known: AttendView): PageView {
    const schedule = scheduleOf(policies, new Date(clock.now()));
    return { attend: known, language, words: words(), schedule, me, opened, query, filter };
  }

  function showLink(): void {
    // After its end the desk is gone, and nobody waits for it.
    const isOver = attend?.finished === true;
    const text = !isOver && (link === 'lost' || link === 'refused') ? words()[link] : '';
    put('link', html`${text}`);
  }

  function tick(): void {
    for (const place of document.querySelectorAll<HTMLElement>('[data-until]')) {
      const text = renderCountdown(place.dataset['until'] ?? '', clock.now()) ?? words().overdue;
      if (place.textContent !== text) place.textContent = text;
    }
  }

  function open(id: string): void {
    setOpened(opened.includes(id) ? opened : [...opened, id]);
    const title = document.getElementById(`title-${id}`);
    title?.focus({ preventScroll: true });
    document.getElementById(`card-${id}`)?.scrollIntoView({ block: 'start' });
  }

  function setOpened(ids: readonly string[]): void {
    opened = ids;
    if (attend !== null) rememberOpened(attend.run, ids);
    showLive();
  }

  const showNext = onNextFrame((next: AttendView) => {
    const before = attend;
    attend = next;
    if (before === null) {
      opened = rememberedOpened(next.run);
      openMine();
    }
    forgetNotes(before, next);
    showLive();
    const news = before === null ? '' : newsOf(before, viewOf(next));
    if (news !== '') document.getElementById('news')?.replaceChildren(news);
  });

  openLink({
    view(next) {
      clock.set(next.now);
      showNext(next);
    },
    beat: (now) => clock.set(now),
    state(state) {
      if (state === link) return;
      const wasAway = link === 'lost' || link === 'refused';
      link = state;
      showLink();
      if (state !== 'live') return;
      if (policies.length === 0) void loadPolicies();
      void answers.sendKept();
      if (wasAway) document.getElementById('news')?.replaceChildren(words().back);
    },
  });

  /** What somebody has in hand is open on their tablet, also after the lid was closed, or on another tablet. */
  function openMine(): void {
    const mine = attend?.devices.filter((d) => isInHand(d, me) && !opened.includes(d.id)) ?? [];
    opened = [...opened, ...mine.map((d) => d.id)];
  }

  /** A note speaks of the press that it was made at. */
  function forgetNotes(before: AttendView | null, next: AttendView): void {
    for (const { id, state, press } of next.devices) {
      const old = before?.devices.find((d) => d.id === id);
      if ((old?.state !== state || old.press !== press) && !answers.hasKept(id)) notes.delete(id);
    }
  }

  async function loadPolicies(): Promise<void> {
    try {
      const response = await fetch('/policies', { signal: AbortSignal.timeout(10_000) });
      if (!response.ok) return;
      const modes: readonly Mode[] = await response.json();
      policies = modes;
      showLive();
    } catch {
      // Asked again with the next connection; until then the texts name no dates and hosts.
    }
  }

  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.id !== 'search') return;
    query = target.value.trim();
    showLive();
  });
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const device = target.dataset['photo'];
    const file = target.files?.[0];
    if (device === undefined || file === undefined) return;
    target.value = '';
    void answers.photo(device, aboutOf(device), file);
  });
  document.addEventListener('submit', (event) => {
    event.preventDefault();
    const { target } = event;
    if (!(target instanceof HTMLFormElement)) return;
    const said = target.dataset['said'];
    if (said !== undefined) void tellShown(said, 'failed');
    if (target.id !== 'name-form') return;
    const name = valueOf('name');
    if (name === '') return;
    [me, asksName] = [name, false];
    rememberName(name);
    openMine();
    showAll();
  });
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button !== null) pressButton(button);
  });

  function pressButton(button: HTMLButtonElement): void {
    const { answer, device, open: toOpen, close, copy, shows, claim, jump, filter: chosen, finish } = button.dataset;
    if (button.id === 'language') {
      language = language === 'de' ? 'en' : 'de';
      rememberLanguage(language);
      showAll();
      document.getElementById('language')?.focus();
    } else if (button.id === 'rename') {
      asksName = true;
      showAll();
      document.getElementById('name')?.focus();
    } else if (button.id === 'invite' || button.id === 'invite-again') {
      const dialog = document.getElementById('invitation');
      if (dialog instanceof HTMLDialogElement) void openInvitation(dialog, words());
    } else if (button.id === 'invite-close') {
      button.closest('dialog')?.close();
    } else if (toOpen !== undefined) {
      if (opened.includes(toOpen)) setOpened(opened.filter((id) => id !== toOpen));
      else open(toOpen);
    } else if (jump !== undefined) {
      open(jump);
    } else if (close !== undefined) {
      setOpened(opened.filter((id) => id !== close));
      document.getElementById(`row-${close}`)?.focus({ preventScroll: true });
    } else if (copy !== undefined) {
      void showCopied(copy, button);
    } else if (shows !== undefined && device !== undefined) {
      void tellShown(device, shows === 'sent' ? 'sent' : 'failed');
    } else if (answer !== undefined && device !== undefined) {
      const kind = PLAIN_ANSWERS.find((k) => k === answer);
      void answers.give(device, kind === undefined ? { kind: 'take', device, by: me } : { kind, device });
    } else if (claim !== undefined && device !== undefined) {
      void claimStranger(device, claim);
    } else if (claim !== undefined) {
      const chosenDevice = valueOf(`is-${claim}`);
      if (chosenDevice === '') document.getElementById(`is-${claim}`)?.focus();
      else void claimStranger(chosenDevice, claim);
    } else if (chosen !== undefined) {
      filter = FILTERS.find((f) => f === chosen) ?? 'all';
      showLive();
    } else if (finish !== undefined) {
      asksEnd = finish === 'ask';
      if (finish === 'yes') void answers.give('', { kind: 'finish' });
      showLive();
      document.getElementById(asksEnd ? 'finish-no' : 'finish')?.focus();
    }
  }

  async function tellShown(device: string, said: 'sent' | 'failed'): Promise<void> {
    const field = document.getElementById(`code-${device}`);
    const code = valueOf(`code-${device}`);
    const sent = await answers.give(device, {
      kind: 'shows',
      device,
      said,
      code: said === 'failed' ? code : '',
      about: aboutOf(device),
    });
    if (sent !== 'refused' && field instanceof HTMLInputElement) field.value = '';
  }

  async function claimStranger(device: string, stranger: string): Promise<void> {
    const sent = await answers.give(device, { kind: 'claim', device, stranger });
    if (sent === 'sent') open(device);
  }

  async function showCopied(id: string, button: HTMLButtonElement): Promise<void> {
    const copied = await copyValue(id);
    button.classList.toggle('copied', copied);
    document.getElementById('news')?.replaceChildren(copied ? words().copied : words().notCopied);
  }

  setInterval(tick, 250);
  showAll();
}

/** Answers that say no more than which device they are about. */
const PLAIN_ANSWERS = ['release', 'pressed', 'setting-not-found', 'skip', 'again'] as const;

function put(id: string, markup: Markup): void {
  const element = document.getElementById(id);
  if (element !== null) placeMarkup(element, markup);
}

function valueOf(id: string): string {
  const field = document.getElementById(id);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value.trim() : '';
}

startPage();
