import { createHash } from 'node:crypto';

/** Parts of the path below the run's folder. Whatever the trial's id holds, none of them leads out of it. */
export function evidenceFolder(trial: string, attempt: number): readonly string[] {
  return ['evidence', ...trial.split('/').map(encodeSegment), ...(attempt > 1 ? [`attempt-${attempt}`] : [])];
}

/** Bytes of a file name that every common file system takes are 255; an encoded letter needs up to 12. */
const MAX_SEGMENT = 200;

function encodeSegment(segment: string): string {
  const encoded = /^\.{0,2}$/.test(segment)
    ? `%${segment.replaceAll('.', '2E')}`
    : segment.replaceAll(/[^A-Za-z0-9._@=+-]/gu, (c) =>
        [...Buffer.from(c)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
      );
  if (encoded.length <= MAX_SEGMENT) return encoded;
  return `${encoded.slice(0, MAX_SEGMENT - 17)}~${createHash('sha256').update(segment).digest('hex').slice(0, 16)}`;
}
