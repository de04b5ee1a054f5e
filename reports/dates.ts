import type { Language } from '../harness/cause-texts.ts';

/** A day (YYYY-MM-DD, or a whole ISO time) as customers read it: 05.03.2025, or 5 March 2025. */
export function renderDay(iso: string, language: Language): string {
  const [, year, month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (year === undefined || name === undefined || Number.isNaN(Date.parse(iso.slice(0, 10)))) return iso;
  return language === 'de' ? `${day}.${month}.${year}` : `${Number(day)} ${name} ${year}`;
}

/** Not from Intl: loading its data takes a tenth of what a person on the phone waits. */
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
