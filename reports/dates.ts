import type { Language } from '../harness/cause-texts.ts';

/** A day (YYYY-MM-DD, or a whole ISO time) as customers read it: 05.03.2025, or 5 March 2025. */
export function renderDay(iso: string, language: Language): string {
  const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(day.getTime()) ? iso : FORMATS[language].format(day);
}

/** Made once: making one costs more than all else in a sentence. */
const FORMATS = {
  de: new Intl.DateTimeFormat('de-DE', { timeZone: 'UTC', day: '2-digit', month: '2-digit', year: 'numeric' }),
  en: new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' }),
} as const;
