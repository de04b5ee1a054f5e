import { renderCoverage, SAMPLE_BANNER } from '../../coverage.ts';
import { renderDay } from '../../dates.ts';
import { deviceName, directionsTitle, kindWord } from '../../device-words.ts';
import { html, type Markup } from '../../html.ts';
import { wordName } from '../../verdict-texts.ts';
import { verdictOfRow, type Filters, fitsFilters } from './filters.ts';
import type { Found } from './find.ts';
import type { Row } from './site-data.ts';
import type { View } from './view.ts';
import { VERDICT_SIGNS } from './words.ts';

/** More than a person reads while a customer waits; the rest is narrowed down with words. */
const SHOWN = 40;

/** The list of what fits words and filters, each with what is known in a few words. */
export function renderList(view: View, found: Found, query: string, filters: Filters, open: string | null): Markup {
  const { words } = view;
  const rows = found.rows.filter((row) => fitsFilters(row, filters, view.schedule));
  const shown = rows.slice(0, SHOWN);
  const count = rows.length > shown.length ? words.shownOf(shown.length, rows.length) : words.hits(rows.length);
  if (rows.length === 0) {
    return html`<p class="count" role="status">${words.none(query)}</p><p class="quiet">${words.noneHint}</p>`;
  }
  const missed =
    found.missed.length === 0 ? html`` : html`<p class="unknown-words">${words.missed(found.missed.join(' '))}</p>`;
  return html`<p class="count" role="status">${count}</p>${missed}
<ul class="rows">${shown.map((row) => renderRow(view, row, row.id === open))}</ul>`;
}

function renderRow(view: View, row: Row, isOpen: boolean): Markup {
  const { language } = view;
  const summaries = (['send', 'fetch'] as const).flatMap((direction) => {
    const summary = verdictOfRow(row, direction, view.schedule);
    return summary === null ? [] : [{ direction, summary }];
  });
  const badges = [...Map.groupBy(summaries, (s) => s.summary)].map(([summary, same]) => {
    const text = summary === 'depends' ? view.words.depends : wordName(summary, row.kind, language);
    const sign = summary === 'depends' ? '…' : VERDICT_SIGNS[summary];
    const title = directionsTitle(
      same.map((s) => s.direction),
      language,
    );
    return html`<span class="badge ${summary}"><span aria-hidden="true">${sign}</span> ${title}: ${text}</span>`;
  });
  const none = html`<span class="badge unknown"><span aria-hidden="true">?</span> ${view.words.untested}</span>`;
  const current = isOpen ? html` aria-current="true"` : html``;
  return html`<li><a class="row" href="#/geraet/${row.id}"${current}><span class="name">${deviceName(row, language)}</span>
<span class="kind">${kindWord(row.kind, language)}</span>
<span class="badges">${badges.length === 0 ? none : badges}</span></a></li>`;
}

/** What holds today, and how much of what stands here was seen on real devices. */
export function renderStand(view: View): Markup {
  const { schedule, words, index, language } = view;
  const day = (iso: string | undefined) => (iso === undefined ? null : renderDay(iso, language));
  const from = day(schedule.strictFrom);
  const until = day(schedule.legacyUntil);
  const phase = schedule.phase === 'ended-early' ? 'after' : schedule.phase;
  const agreement = index.agreement.map((a) => a[language]).join(' ');
  return html`${index.sample ? html`<p class="banner">${SAMPLE_BANNER[language]}</p>` : html``}
<p class="stand">${from === null ? '' : html`<strong>${words.phase[phase](from, until)}</strong>`} <span>${renderCoverage(index.coverage, language)}.</span></p>${agreement === '' ? '' : html`<p class="quiet">${agreement}</p>`}`;
}
