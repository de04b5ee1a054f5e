import type { Language } from '../../harness/cause-texts.ts';
import type { Source } from '../../harness/vocabulary/claim.ts';
import { renderDay } from '../dates.ts';

/** Sources, numbered in the order in which they are given; the same one, read on the same day, once. */
export interface Footnotes {
  /** `[3]`. */
  mark(source: Source): string;
  /** One line a source. */
  readonly lines: readonly string[];
}

/** @param whole With title and address, to be opened; otherwise host and day, to be read in passing. */
export function numberSources(sources: readonly Source[], language: Language, whole: boolean): Footnotes {
  const numbered = [...new Map(sources.map((s) => [keyOf(s), s])).values()];
  const numbers = new Map(numbered.map((s, i) => [keyOf(s), i + 1]));
  return {
    mark: (source) => `[${numbers.get(keyOf(source)) ?? '?'}]`,
    lines: numbered.map((source, i) => {
      const { title, url, date, confidence } = source;
      const where = whole ? `${title}, ${url}` : placeOf(url);
      return `[${i + 1}] ${CONFIDENCE[language][confidence]}: ${where}, ${renderDay(date, language)}`;
    }),
  };
}

function keyOf({ url, date, title }: Source): string {
  return `${url} ${date} ${title}`;
}

/** On hosts of everybody's pages the owner tells more than the host. */
function placeOf(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address;
  const host = url.host.replace(/^www\./, '');
  const [, owner = ''] = url.pathname.split('/');
  return SHARED_HOSTS.has(host) && owner !== '' ? `${host}/${owner}` : host;
}

const SHARED_HOSTS: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'raw.githubusercontent.com']);

const CONFIDENCE = {
  de: { 'vendor-documented': 'Hersteller', 'third-party-documented': 'andere Quelle', forum: 'Forum' },
  en: { 'vendor-documented': 'manufacturer', 'third-party-documented': 'another source', forum: 'forum' },
} as const;
