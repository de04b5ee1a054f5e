import type { Source } from '../../../harness/vocabulary/claim.ts';
import { renderDay } from '../../dates.ts';
import { html, type Markup, safeUrl } from '../../html.ts';
import type { View } from './view.ts';

/** Title, age and weight of a source; a link only where its address is one of the web. */
export function renderSource(view: View, source: Source): Markup {
  const { words, language } = view;
  const url = safeUrl(source.url);
  const title =
    url === null
      ? html`${source.title}`
      : html`<a href="${url}" rel="noreferrer noopener" target="_blank">${source.title}</a>`;
  const written = source.written === undefined ? '' : `, ${words.written} ${renderWritten(source.written, language)}`;
  return html`<span class="source">${title}${written}; ${words.confidence[source.confidence]}, ${words.read} ${renderDay(source.date, language)}</span>`;
}

/** As exactly as the source tells: a year, a month or a day. */
function renderWritten(written: string, language: View['language']): string {
  if (written.length === 10) return renderDay(written, language);
  return written.split('-').toReversed().join('/');
}
