import type { Device } from '../../harness/vocabulary/device.ts';
import type { Connection, ServerSession } from '../../harness/vocabulary/evidence.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Run } from '../../harness/vocabulary/run.ts';

/** What became of the mail. `waiting`: not here, and the device still tried when the window closed. `trouble`: of the lab, so nothing is known. */
const FATES = [
  'on-time',
  'late',
  'doubled',
  'waiting',
  'lost-told',
  'lost-silently',
  'not-seen',
  'trouble',
  'not-run',
] as const;
export type Fate = (typeof FATES)[number];

/** What its owner can read: the server's own words, that it is about encryption, only that it failed; that all is well. */
const MESSAGES = ['servers-words', 'names-encryption', 'failed', 'sent', 'nothing'] as const;
export type Message = (typeof MESSAGES)[number];

/** One device under one policy, as the witnesses saw it. Times and rates are in the device's own seconds. */
export interface Watched {
  readonly record: Record;
  readonly device: string;
  readonly mode: string;
  readonly fate: Fate;
  /** From the first connection to the one that brought the mail. */
  readonly lateSeconds: number | null;
  /** Connections up to the one that brought the mail; all, where none did. */
  readonly connections: number;
  /** How long it was watched after its first connection. */
  readonly windowSeconds: number;
  /** Connections without a mail, at most in any 10 minutes. `isExtrapolated`: watched for less, and it went on trying. */
  readonly refusedPer10Minutes: number;
  readonly isExtrapolated: boolean;
  /** Of them, those that fail2ban's filters for Postfix and Dovecot count as they are delivered. */
  readonly countedPer10Minutes: number;
  readonly isLockedOut: boolean;
  /** It is set to encrypt, and sent in the clear nevertheless. */
  readonly fallsBack: boolean;
  /** A password that can be read by anybody on the way. */
  readonly isPasswordInClear: boolean;
  readonly message: Message;
  /** What it said, one line, as it stands in the record. */
  readonly said: string;
}

/** fail2ban's jail.conf: `maxretry = 5`, `findtime = 10m`. */
const MAX_RETRY = 5;
const FIND_SECONDS = 600;
/** A mail that comes within half a minute is on time: trying another version at once takes less. */
const ON_TIME_SECONDS = 30;
const SAID_LENGTH = 200;

/** Reads what a record of `cutover refusals` witnesses. Pure; knows of the device only how fast its clock ran. */
export function readWatched(record: Record, run: Run, device: Device | undefined): Watched {
  const watch = run.watch ?? { seconds: FIND_SECONDS, emulatedSpeed: 1 };
  const speed = device?.reach?.driver === 'emulated' ? watch.emulatedSpeed : 1;
  const { evidence } = record;
  const { connections } = evidence.wire;
  const sessions = new Map(evidence.server.sessions.map((s) => [s.peerPort, s]));
  const first = Date.parse(connections[0]?.startedAt ?? record.startedAt);
  const startOf = (c: Connection) => ((Date.parse(c.startedAt) - first) / 1000) * speed;
  const inWindow = connections.filter((c) => startOf(c) < watch.seconds);
  const brings = (c: Connection) => deliveriesOf(sessions.get(c.tapPort)) > 0;
  const bringing = connections.findIndex(brings);
  const brought = connections[bringing];
  const waited = brought === undefined ? null : startOf(brought);
  const refused = inWindow.filter((c) => !brings(c));
  // A device that stopped trying has been seen in full: what it did not do is not made up.
  const isExtrapolated = watch.seconds < FIND_SECONDS && bringing < 0 && goesOn(inWindow.map(startOf), watch.seconds);
  const per10Minutes = (counted: readonly Connection[]) =>
    isExtrapolated ? (counted.length * FIND_SECONDS) / watch.seconds : mostInFindTime(counted.map(startOf));
  const clear = inWindow.filter(isMailInClear);
  const starts = inWindow.map(startOf);
  const refusedPer10Minutes = per10Minutes(refused);
  return {
    record,
    device: record.device.id,
    mode: record.mode,
    fate: fateOf(record, waited, starts, watch.seconds),
    lateSeconds: waited,
    connections: bringing < 0 ? inWindow.length : bringing + 1,
    windowSeconds: watch.seconds,
    refusedPer10Minutes,
    isExtrapolated,
    countedPer10Minutes: per10Minutes(refused.filter((c) => isCounted(sessions.get(c.tapPort)))),
    isLockedOut: refusedPer10Minutes >= MAX_RETRY,
    fallsBack: record.setting.security !== 'plaintext' && clear.length > 0,
    isPasswordInClear: clear.some(showsPassword),
    message: messageOf(evidence.device, evidence.server.sessions),
    said: evidence.device.text.replaceAll(/\s+/g, ' ').trim().slice(0, SAID_LENGTH),
  };
}

function fateOf(record: Record, waited: number | null, starts: readonly number[], windowSeconds: number): Fate {
  const { outcome, cause, evidence } = record;
  if (outcome === 'not-run') return 'not-run';
  if (starts.length === 0) return 'not-seen';
  if (cause === 'server-trouble' || cause === 'harness-trouble') return 'trouble';
  const arrived = Math.max(
    evidence.server.arrived,
    evidence.server.sessions.reduce((sum, s) => sum + deliveriesOf(s), 0),
  );
  if (arrived > 1) return 'doubled';
  if (arrived === 1) return (waited ?? 0) > ON_TIME_SECONDS ? 'late' : 'on-time';
  if (isStillTrying(starts, windowSeconds)) return 'waiting';
  return evidence.device.said === 'failed' ? 'lost-told' : 'lost-silently';
}

/** It goes on, in pauses that are more than those between two versions. */
function isStillTrying(starts: readonly number[], windowSeconds: number): boolean {
  return usualPause(starts) > ON_TIME_SECONDS / 2 && isNextDue(starts, windowSeconds);
}

/** Two pauses make a habit, and so does one that nobody takes between two versions. */
function goesOn(starts: readonly number[], windowSeconds: number): boolean {
  return isStillTrying(starts, windowSeconds) || (starts.length > 2 && isNextDue(starts, windowSeconds));
}

/** Its pauses so far say when the next try was due: the window closed before that. */
function isNextDue(starts: readonly number[], windowSeconds: number): boolean {
  return windowSeconds - (starts.at(-1) ?? 0) < usualPause(starts) * 1.5;
}

/** The median: a busy lab stretches some, and trying another version at once makes others short. */
function usualPause(starts: readonly number[]): number {
  const pauses = starts.slice(1).map((start, i) => start - (starts[i] ?? 0));
  return pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
}

/** As fail2ban counts: the time that it looks back over moves along. */
function mostInFindTime(starts: readonly number[]): number {
  return Math.max(0, ...starts.map((from) => starts.filter((s) => s >= from && s < from + FIND_SECONDS).length));
}

function deliveriesOf(session: ServerSession | undefined): number {
  return session?.delivered.filter((d) => d.markerSeen).length ?? 0;
}

/** filter.d/postfix.conf, mode `more`: rejections with 554 5.7.1; filter.d/dovecot.conf and mode `auth`: failed logins. */
function isCounted(session: ServerSession | undefined): boolean {
  return (
    session !== undefined && (session.refusal?.startsWith('554 5.7.') === true || session.auth?.accepted === false)
  );
}

/** It went further than asking what the server can do, without TLS. */
function isMailInClear({ handshake, hello, dialogue }: Connection): boolean {
  return (
    handshake === 'none' &&
    hello === null &&
    dialogue.some((line) => line.from === 'client' && /^(?:AUTH|MAIL FROM)\b/i.test(line.text))
  );
}

/** PLAIN and LOGIN are encodings, not encryption (RFC 4616, RFC 4954): whoever reads the line has the password. */
function showsPassword({ dialogue }: Connection): boolean {
  const auth = dialogue.findIndex((line) => line.from === 'client' && /^AUTH\s+(?:PLAIN|LOGIN)\b/i.test(line.text));
  const said = dialogue[auth]?.text ?? '';
  const [, mechanism = '', initial] = /^AUTH\s+(\w+)(?:\s+(\S+))?/i.exec(said) ?? [];
  const asked = dialogue.slice(auth + 1).filter((line) => line.from === 'server' && line.text.startsWith('334')).length;
  const needed = (mechanism.toUpperCase() === 'PLAIN' ? 1 : 2) - (initial === undefined ? 0 : 1);
  return auth >= 0 && asked >= needed;
}

function messageOf(device: Record['evidence']['device'], sessions: readonly ServerSession[]): Message {
  if (device.said !== 'failed') return device.said;
  const codes = sessions.flatMap((s) => (s.refusal === null ? [] : [s.refusal]));
  if (codes.some((code) => device.text.includes(code.slice(0, 3)) && device.text.includes(code)))
    return 'servers-words';
  return /\b(?:TLS|SSL|STARTTLS)\b|encrypt|protected|secure|verschlüssel|gesichert/i.test(device.text)
    ? 'names-encryption'
    : 'failed';
}
