import type { Row } from './list-row.ts';

/** An id that is not taken: the wanted one, else with the row's number or place, else with a number. */
export function freeId(
  wanted: string,
  row: Pick<Row, 'inventory' | 'place'>,
  taken: { has(id: string): boolean },
): string {
  if (!taken.has(wanted)) return wanted;
  const own = slugOf(`${wanted} ${row.inventory === '' ? row.place : row.inventory}`);
  if (!taken.has(own)) return own;
  for (let n = 2; ; n++) if (!taken.has(`${wanted}-${n}`)) return `${wanted}-${n}`;
}

/** An id as device files have it: lower-case letters and digits, joined by "-". */
export function slugOf(text: string): string {
  const plain = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.slice(0, 80).replace(/-+$/, '') || 'device';
}
