import type { Stranger } from '../../vocabulary/attend.ts';
import type { DoorNews } from './contract.ts';

/** Tells each thing once. */
export interface Bulletin {
  /** Again only when it says something else about the same. */
  readonly tellOnce: (about: string, news: DoorNews) => void;
  /** Who is new or has changed since the last time, and who is gone. */
  readonly tellStrangers: (strangers: readonly Stranger[]) => void;
}

const MAX_TOLD = 1_000;

export function createBulletin(onNews: (news: DoorNews) => void): Bulletin {
  const told = new Map<string, string>();
  /** Strangers that are known outside, as they were told. */
  const shown = new Map<string, string>();
  return {
    tellOnce(about, news) {
      const text = JSON.stringify(news);
      if (told.get(about) === text) return;
      told.delete(about);
      told.set(about, text);
      for (const oldest of told.keys()) {
        if (told.size <= MAX_TOLD) break;
        told.delete(oldest);
      }
      onNews(news);
    },
    tellStrangers(strangers) {
      const now = new Map(strangers.map((stranger) => [stranger.id, stranger]));
      for (const id of shown.keys()) {
        if (now.has(id)) continue;
        shown.delete(id);
        onNews({ kind: 'stranger-gone', stranger: id });
      }
      for (const [id, stranger] of now) {
        const text = JSON.stringify(stranger);
        if (shown.get(id) === text) continue;
        shown.set(id, text);
        onNews({ kind: 'stranger', stranger });
      }
    },
  };
}
