import type { Language } from '../../harness/cause-texts.ts';
import { expiryOf } from '../../harness/claims.ts';
import type { Claim, Source } from '../../harness/vocabulary/claim.ts';
import { renderDay } from '../dates.ts';
import type { CellLine } from './document.ts';

/** Sources as links, each with its own age and the day on which it was read; a claim past its time says so. */
export function linksToSources(
  claims: readonly Claim[],
  { asOf, language }: { readonly asOf: string; readonly language: Language },
): readonly CellLine[] {
  const words = WORDS[language];
  const links = claims.flatMap((claim, i): readonly CellLine[] => {
    const stale = asOf > expiryOf(claim) ? `, ${words.stale}` : '';
    return [...(i === 0 ? [] : [`; ${words.also} `]), ...datedLink(claim.source, language, stale)];
  });
  return [`(${words.source}: `, ...links, ')'];
}

/** "(Quelle: …)" for what is no claim and does not age. */
export function linkToSource(source: Source, language: Language): readonly CellLine[] {
  return [`(${WORDS[language].source}: `, ...datedLink(source, language, ''), ')'];
}

function datedLink({ title, url, date, written }: Source, language: Language, more: string): readonly CellLine[] {
  const words = WORDS[language];
  const age = written === undefined ? '' : `, ${words.written} ${writtenIn(written, language)}`;
  return [{ link: url, text: title }, `${age}, ${words.read} ${renderDay(date, language)}${more}`];
}

/** A year, a month or a day, as exactly as the source tells. */
function writtenIn(written: string, language: Language): string {
  const [year = written, month, day] = written.split('-');
  if (day !== undefined) return renderDay(written, language);
  return month === undefined ? year : `${month}/${year}`;
}

const WORDS = {
  de: { source: 'Quelle', also: 'außerdem', written: 'von', read: 'Stand', stale: 'muss neu geprüft werden' },
  en: { source: 'source', also: 'also', written: 'from', read: 'as of', stale: 'has to be checked again' },
} as const;
