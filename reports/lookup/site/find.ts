import { createSearch, type SearchEntry } from '../create-search.ts';
import { kindSearchWords } from '../kind-search-words.ts';
import type { Row } from './site-data.ts';

export interface Found {
  readonly rows: readonly Row[];
  /** Words of the query that none of the rows knows, as typed. */
  readonly missed: readonly string[];
}

export type Find = (query: string) => Found;

/** The command line's search over the rows of the index. */
export function createFind(rows: readonly Row[]): Find {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const search = createSearch(rows.map((row) => entryOf(row, byId)));
  return (query) => {
    const matches = search(query);
    return {
      rows: matches.flatMap(({ id }) => byId.get(id) ?? []),
      missed: matches[0]?.missed ?? [],
    };
  };
}

function entryOf(row: Row, byId: ReadonlyMap<string, Row>): SearchEntry {
  const { id, vendor, model, modelEn, kind, errors = [], systems = [] } = row;
  const aliases = [...(row.aliases ?? []), ...(modelEn === undefined ? [] : [modelEn])];
  return {
    id,
    vendor,
    model,
    aliases,
    kinds: kindSearchWords(kind),
    errors,
    systems: systems.flatMap((os) => {
      const known = byId.get(os);
      return known === undefined ? [os.replaceAll('-', ' ')] : [known.model, ...(known.aliases ?? [])];
    }),
  };
}
