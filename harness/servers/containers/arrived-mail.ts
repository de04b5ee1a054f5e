import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { findMarkers, MARKER_WINDOW_BYTES } from '../markers.ts';
import type { ReceivedMail } from '../mail-store.ts';

/** A delivered mail as its client sent it, and the queue id under which Postfix had it; null: no client brought it. */
export interface ArrivedMail extends ReceivedMail {
  readonly queueId: string | null;
}

/**
 * Reads a file of a Maildir that virtual(8) has written: takes off the header fields that Postfix put before the mail,
 * and gives its lines the CRLF back with which they came, so that length and hash are those of what went over the wire.
 */
export function readArrivedMail(path: string): ArrivedMail {
  // Servers write here whose programs strangers talk to: a link must not lead to another file of this host.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const hash = createHash('sha256');
    const head: Buffer[] = [];
    let headBytes = 0;
    let bytes = 0;
    let queueId: string | null = null;
    for (let first = true; ; first = false) {
      const length = readSync(file, chunk, 0, chunk.length, null);
      if (length === 0) break;
      let part = chunk.subarray(0, length);
      if (first) {
        const prepended = PREPENDED.exec(part.toString('latin1'))?.[0] ?? '';
        queueId = QUEUE_ID.exec(prepended)?.[1] ?? null;
        part = part.subarray(prepended.length);
      }
      const text = withCrlf(part);
      hash.update(text);
      bytes += text.length;
      if (headBytes < MARKER_WINDOW_BYTES) {
        head.push(text.subarray(0, MARKER_WINDOW_BYTES - headBytes));
        headBytes += text.length;
      }
    }
    return { queueId, bytes, sha256: hash.digest('hex'), markers: findMarkers(Buffer.concat(head)) };
  } finally {
    closeSync(file);
  }
}

const CHUNK_BYTES = 1_048_576;

/** Return-Path, X-Original-To and Delivered-To of virtual(8) and the Received of smtpd(8), which stands last of them. */
const PREPENDED =
  /^(?:(?:Return-Path|X-Original-To|Delivered-To):.*\n(?:[ \t].*\n)*)*(?:Received:.*\n(?:[ \t].*\n)*)?/i;
/**
 * Only smtpd(8) writes `with`: what Postfix itself makes has none. It stands on a line that begins with `by`: the one
 * before holds what the client calls itself, which may be "x with ESMTP id 12345".
 */
const QUEUE_ID = /^[ \t]+by \S+ \(.*\) with \w+\s+id ([0-9A-Za-z]{5,40})\b/m;

/** Postfix writes each line's end as LF. */
function withCrlf(part: Buffer): Buffer {
  let lines = 0;
  for (let at = part.indexOf(LF); at !== -1; at = part.indexOf(LF, at + 1)) lines++;
  const text = Buffer.allocUnsafe(part.length + lines);
  let to = 0;
  let from = 0;
  for (let at = part.indexOf(LF); at !== -1; at = part.indexOf(LF, from)) {
    to += part.copy(text, to, from, at);
    text[to++] = CR;
    text[to++] = LF;
    from = at + 1;
  }
  part.copy(text, to, from);
  return text;
}

const CR = 0x0d;
const LF = 0x0a;
