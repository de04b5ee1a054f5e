/// <reference lib="dom" />
import type { Answer } from '../../harness/vocabulary/attend.ts';
import { sendAnswer, sendPhoto, type Sent } from './send.ts';
import { shrinkPhoto } from './shrink-photo.ts';
import type { Words } from './words.ts';

export interface Answers {
  give(device: string, answer: Answer): Promise<Sent>;
  photo(device: string, file: Blob): Promise<void>;
  /** The network is back: what was kept is sent. */
  sendKept(): Promise<void>;
  /** Something of this device waits for the network. */
  hasKept(device: string): boolean;
}

interface Kept {
  readonly device: string;
  readonly done: string;
  send(): Promise<Sent>;
}

/**
 * Sends what people answer, and notes at the device what became of it. What a device showed is kept while there is no
 * network. "Pressed" is not: the desk would wait for a device that has long given up.
 */
export function createAnswers(words: () => Words, note: (device: string, text: string) => void): Answers {
  const underway = new Set<string>();
  let kept: readonly Kept[] = [];

  async function attempt(item: Kept, keep: boolean, refused: string): Promise<Sent> {
    const sent = await item.send();
    if (sent === 'lost' && keep) kept = [...kept, item];
    const lost = keep ? words().kept : words().notSent;
    note(item.device, { sent: item.done, refused, lost }[sent]);
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
      const item = { device, done: told ? words().noted : '', send: () => sendAnswer(answer) };
      const sent = await attempt(item, told, words().notAccepted);
      underway.delete(key);
      return sent;
    },
    async photo(device, file) {
      note(device, words().photoSending);
      const photo = await shrinkPhoto(file);
      if (photo === null) return note(device, words().photoUnreadable);
      const item = { device, done: words().photoSent, send: () => sendPhoto(device, photo) };
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
