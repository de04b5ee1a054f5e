import { causeText } from '../../harness/cause-texts.ts';
import type { AttendedDevice, PressResult } from '../../harness/vocabulary/attend.ts';
import { html, type Markup } from '../html.ts';
import type { PageView } from './page-view.ts';

/** What came of each press, the newest with its reason. */
export function renderResults(view: PageView, device: AttendedDevice): Markup {
  const { words, language } = view;
  const { results, verdicts, photos } = device;
  const taken = photos.length === 0 ? html`` : renderPhotos(view, device);
  const newest = results.at(-1);
  if (newest === undefined) return taken;
  // The verdict, where there is one, tells the reason itself.
  const what =
    newest.cause === undefined || verdicts.length > 0
      ? html``
      : html`<p>${causeText(newest.cause, device.kind).customer[language].what}</p>`;
  const silent = newest.said === 'sent' && newest.outcome === 'fails' ? html`<p>${words.falselySent}</p>` : html``;
  const offers = results.filter((r) => r.offered !== null).at(-1)?.offered ?? null;
  const offered = offers === null ? html`` : html`<p class="quiet">${words.offered(offers)}</p>`;
  return html`<h3>${words.soFar}</h3><ol class="results">${results.map((r) => renderResult(view, device, r))}</ol>${what}${silent}${offered}${taken}`;
}

/** As they were kept: whoever took one sees what the report will show. */
function renderPhotos({ words }: PageView, { id, name, photos }: AttendedDevice): Markup {
  const pictures = photos.map((photo, i) => {
    const address = `/photo?device=${encodeURIComponent(id)}&name=${encodeURIComponent(photo)}`;
    return html`<a href="${address}" target="_blank" rel="noopener"><img src="${address}" alt="${words.photoOf(i + 1, name)}" width="96" height="96" loading="lazy" decoding="async"></a>`;
  });
  return html`<p class="quiet">${words.photos(photos.length)}</p><div class="photos">${pictures}</div>`;
}

function renderResult(view: PageView, device: AttendedDevice, result: PressResult): Markup {
  const { words } = view;
  return html`<li class="${result.outcome}"><span aria-hidden="true">${SIGNS[result.outcome]}</span> ${words.attempt(result.direction, result.number)}, ${words.met[result.reason]}: <strong>${outcomeWords(view, device, result)}</strong></li>`;
}

/** "E-Mail nicht angekommen (Veraltete TLS-Version)". */
export function outcomeWords({ words, language }: PageView, device: AttendedDevice, result: PressResult): string {
  const outcome = words.outcomes[result.direction][result.outcome];
  const more = [
    ...(result.cause === undefined ? [] : [causeText(result.cause, device.kind).customer[language].name]),
    ...(result.outcome === 'works' && result.encrypted === false ? [words.inTheClear] : []),
  ];
  return more.length === 0 ? outcome : `${outcome} (${more.join(', ')})`;
}

const SIGNS: Readonly<Record<PressResult['outcome'], string>> = {
  works: '✓',
  fails: '✕',
  inconclusive: '?',
  'not-run': '–',
};
