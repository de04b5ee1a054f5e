/// <reference lib="dom" />
import type { Answer } from '../../harness/vocabulary/attend.ts';

/** `refused`: the desk does not take it as things stand. `lost`: it may not have arrived. */
export type Sent = 'sent' | 'refused' | 'lost';

const ANSWER_MS = 10_000;
/** Of a photo on a slow network. */
const PHOTO_MS = 60_000;

export function sendAnswer(answer: Answer): Promise<Sent> {
  return post('/answer', 'application/json', JSON.stringify(answer), ANSWER_MS);
}

export function sendPhoto(device: string, photo: Blob): Promise<Sent> {
  return post(`/photo?device=${encodeURIComponent(device)}`, 'image/jpeg', photo, PHOTO_MS);
}

async function post(path: string, type: string, body: BodyInit, timeoutMs: number): Promise<Sent> {
  try {
    const { ok } = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return ok ? 'sent' : 'refused';
  } catch {
    return 'lost';
  }
}
