import type { Language } from '../../harness/cause-texts.ts';
import { ENGLISH } from './words-english.ts';
import { GERMAN } from './words-german.ts';

export type Words = typeof GERMAN;

/** Frame texts of the page. What is said of a device's result comes from the texts that all reports share. */
export function wordsOf(language: Language): Words {
  return language === 'de' ? GERMAN : ENGLISH;
}
