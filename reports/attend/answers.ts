/// <reference lib="dom" />
import type { Answer } from '../../harness/vocabulary/attend.ts';
import type { Language } from '../../harness/cause-texts.ts';
import { type Reply, sendAnswer, sendPhoto, type Sent } from './send.ts';
import { shrinkPhoto } from './shrink-photo.ts';
import type { Words } from './words.ts';

export interface Answers {
  give(device: string, answer: Answer): Promise<Sent>;
  /** `about`: see `PressOrdinal`. */
  photo(device: string, about: number, file: Blob): Promise<void>;
  /** The network is back: what was kept is sent. */
  sendKept(): Promise<void>;
  /** Something of this device waits for the network. */
  hasKept(device: string): boolean;
}

interface Kept {
  readonly device: string;
  readonly done: string;
  send(): Promise<Reply>;
}

/**
 * Sends what people answer, and notes at the device what became of it. What a device showed is kept while there is no
 * network. "Pressed" is not: the desk would wait for a device that has long given up.
 */
export function createAnswers(options: {
  readonly words: () => Words;
  readonly language: () => Language;
  /** The run has ended: nothing is taken any more, and the desk does not come back. */
  readonly isOver: () => boolean;
  readonly note: (device: string, text: string) => void;
}): Answers {
  const { words, language, isOver, note } = options;
  const underway = new Set<string>();
  let kept: readonly Kept[] = [];

  async function attempt(item: Kept, keep: boolean, refused: string): Promise<Sent> {
    const { sent, why } = await item.send();
    if (sent !== 'sent' && isOver()) {
      note(item.device, words().tooLate);
      return sent;
    }
    if (sent === 'lost' && keep) kept = [...kept, item];
    const lost = keep ? words().kept : words().notSent;
    note(item.device, { sent: item.done, refused: why?.[language()] ?? refused, lost }[sent]);
    return sent;
  }

  return {
    async give(device, answer) {
      // Twice on the same button is one answer.
      const key = `${device} ${answer.kind}`;
      if (underway.has(key)) return 'refused';
      underway.add(key);
      note(device, '');
      const told = answer.kind === 'shows';
      const done = told ? words().noted : answer.kind === 'claim' ? words().claimed : '';
      const item = { device, done, send: () => sendAnswer(answer) };
      const sent = await attempt(item, told, words().notAccepted);
      underway.delete(key);
      return sent;
    },
    async photo(device, about, file) {
      note(device, words().photoSending);
      const photo = await shrinkPhoto(file);
      if (photo === null) return note(device, words().photoUnreadable);
      const item = { device, done: words().photoSent, send: () => sendPhoto(device, about, photo) };
      await attempt(item, true, words().photoRefused);
    },
    async sendKept() {
      const waiting = kept;
      kept = [];
      for (const item of waiting) await attempt(item, true, words().notAccepted);
    },
    hasKept: (device) => kept.some((item) => item.device === device),
  };
}
