import type { Language } from '../../../harness/cause-texts.ts';
import { type Schedule, scheduleOf } from '../../phase.ts';
import { deviceName } from '../../device-words.ts';
import type { SiteIndex } from './site-data.ts';
import { type Words, wordsOf } from './words.ts';

/** What every part of the page is rendered for: a language and a day. */
export interface View {
  readonly index: SiteIndex;
  readonly language: Language;
  readonly words: Words;
  readonly schedule: Schedule;
  /** Name of a device or system by its id; the id itself where nobody knows it. */
  nameOf(id: string): string;
}

/** The schedule is made anew for each: a page stays open for days. */
export function viewOf(index: SiteIndex, language: Language, now = new Date()): View {
  return {
    index,
    language,
    words: wordsOf(language),
    schedule: scheduleOf(index.policies, now),
    nameOf: (id) => {
      const row = index.rows.find((r) => r.id === id);
      if (row === undefined) return id;
      // Who is asked for the system says "Windows 7", without its maker.
      return row.kind === 'os' ? deviceName({ ...row, vendor: '' }, language) : deviceName(row, language);
    },
  };
}
