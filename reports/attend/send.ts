/// <reference lib="dom" />
import type { Answer, PhotoRefusal } from '../../harness/vocabulary/attend.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';

/** `refused`: the desk does not take it as things stand. `lost`: it may not have arrived. */
export type Sent = 'sent' | 'refused' | 'lost';

const ANSWER_MS = 10_000;
/** Of a photo on a slow network. */
const PHOTO_MS = 60_000;

/** `why`: what the desk says to the person, where it says more than that it does not take it. */
export interface Reply {
  readonly sent: Sent;
  readonly why?: Bilingual;
}

export function sendAnswer(answer: Answer): Promise<Reply> {
  return post('/answer', 'application/json', JSON.stringify(answer), ANSWER_MS);
}

export function sendPhoto(device: string, about: number, photo: Blob): Promise<Reply> {
  return post(`/photo?device=${encodeURIComponent(device)}&about=${about}`, 'image/jpeg', photo, PHOTO_MS);
}

async function post(path: string, type: string, body: BodyInit, timeoutMs: number): Promise<Reply> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return { sent: 'sent' };
    const text = await response.text();
    if (text === '') return { sent: 'refused' };
    const { why }: PhotoRefusal = JSON.parse(text);
    return { sent: 'refused', why };
  } catch {
    return { sent: 'lost' };
  }
}
