import MiniSearch from 'minisearch';
import type { Language } from '../../../harness/cause-texts.ts';
import { kindWord } from '../../device-words.ts';
import type { Row } from './site-data.ts';

export type Find = (query: string) => readonly Row[];

/** Finds rows by maker, model, other names, kind in both languages, and texts that the device shows. */
export function createFind(rows: readonly Row[]): Find {
  const index = new MiniSearch<{ readonly id: number }>({
    fields: ['model', 'aliases', 'vendor', 'kind', 'errors'],
    tokenize: (text) => text.split(/[\s_.\-/,;:()!]+/).filter((t) => t !== ''),
    processTerm: fold,
    searchOptions: {
      combineWith: 'AND',
      prefix: true,
      fuzzy: (term) => (/\d/.test(term) ? false : 0.2),
      boost: { model: 3, aliases: 3, vendor: 2 },
    },
  });
  index.addAll(rows.map((row, id) => ({ id, ...textsOf(row) })));
  return (query) => index.search(query).flatMap(({ id }) => rows[Number(id)] ?? []);
}

function textsOf({ vendor, model, aliases = [], kind, errors = [] }: Row) {
  const kinds = (['de', 'en'] as const satisfies readonly Language[]).map((l) => kindWord(kind, l)).join(' ');
  return { vendor, model, aliases: aliases.join(' '), kind: `${kind} ${kinds}`, errors: errors.join(' ') };
}

function fold(term: string): string {
  return term.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}
