/// <reference lib="dom" />
import type { Language } from '../../../harness/cause-texts.ts';

const KEY = 'cutover-language';

/** `?lang=en` in the address, else what was chosen last time, else German. */
export function chosenLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  return (asked ?? remembered()) === 'en' ? 'en' : 'de';
}

/** The address follows, so that a link that is sent on opens in the same language. */
export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
    const url = new URL(location.href);
    url.searchParams.set('lang', language);
    history.replaceState(null, '', url);
  } catch {
    // Some browsers keep nothing for file://; the choice then holds until the page is closed.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
