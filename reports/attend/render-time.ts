import type { Language } from '../../harness/cause-texts.ts';

/** By the tablet's time zone, which is the desk's: they stand in one building. "" for what is no time. */
export function renderTime(iso: string, language: Language): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}
