import { endOf, answerOf, fails, inconclusive, type Judged } from './judging/finding.ts';
import { witnessMailbox } from './judging/mailbox-witness.ts';
import { readInterception } from './judging/interception.ts';
import { compareNegotiation } from './judging/negotiation.ts';
import { readRejection } from './judging/rejection.ts';
import { readSession, spoke } from './judging/session.ts';
import type { Connection, Evidence, ServerSession } from './vocabulary/evidence.ts';
import type { Cause, Finding } from './vocabulary/finding.ts';
import type { Mode } from './vocabulary/mode.ts';
import { compareVersions } from './vocabulary/mode.ts';
import type { Direction } from './vocabulary/trial.ts';

/** Judges one trial from its evidence and the mode that answered it. Pure: the same record gives the same finding. */
export function judge(asRecorded: Judged, mode: Mode): Finding {
  const evidence = witnessMailbox(asRecorded.evidence, asRecorded.direction);
  const trial = { ...asRecorded, evidence };
  const connections = evidence.wire.connections.filter((c) => !c.late);
  if (trial.role === 'control-refused') return judgeRefused(evidence, connections);
  if (evidence.server.trouble !== null) return inconclusive('server-trouble', evidence.server.trouble);
  const silent = saysSent(evidence);
  if (connections.length === 0) return { ...judgeUnseen(evidence), ...silent };
  const readings = connections.map((c) => readConnection(c, sessionOf(c, evidence), trial, mode));
  const best = chooseReading(readings, mode);
  if (best.finding.outcome === 'works') return best.finding;
  if (best.finding.outcome === 'fails' && evidence.server.arrived > 0 && best.finding.encrypted === undefined) {
    const arrived = `The mailbox holds ${evidence.server.arrived} mail(s) of this trial.`;
    return inconclusive(
      'harness-trouble',
      arrived,
      'No connection that the tap kept carried one.',
      ...best.finding.because,
    );
  }
  const cut = readCut(best, evidence);
  if (cut !== null) return { ...cut, ...silent };
  const clear = readings.find((r) => r !== best && r.finding.cause === 'plaintext-only');
  const because = clear === undefined ? [] : ['It then tried in the clear.'];
  // Mail that arrived in the clear was not lost silently: it arrived.
  const lost = best.finding.encrypted === undefined ? silent : {};
  return { ...best.finding, because: [...best.finding.because, ...because], ...lost };
}

/** How far a connection came, worst first: a device's several connections are one attempt, judged by the best. */
const STAGES = [
  'dropped',
  'fallback-scsv',
  'clear',
  'hello',
  'certificate',
  'session',
  'in-the-clear',
  'works',
] as const;
interface Reading {
  readonly stage: (typeof STAGES)[number];
  readonly finding: Finding;
  readonly connection: Connection;
}

/**
 * A retry with a lower version, or in the clear, must not hide what the device can do: what came of its best offer
 * counts, even if that ended without a reason.
 */
function chooseReading(readings: readonly Reading[], mode: Mode): Reading {
  const reaches = readings.filter(
    ({ connection: { hello } }) => hello !== null && compareVersions(hello.maxVersion, mode.tls.min) >= 0,
  );
  const tried = readings.filter(({ connection: c }) => c.hello !== null || c.starttls === 'accepted');
  const best = readings.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (best.finding.cause === 'version-too-old' && reaches.length > 0)
    return reaches.reduce((a, b) => (isBetter(b, a) ? b : a));
  if (best.stage === 'clear' && tried.length > 0) return tried.reduce((a, b) => (isBetter(b, a) ? b : a));
  return best;
}

/** Causes that a connection which merely stopped would show as well. */
const SHOWN_BY_ANY_END: readonly Cause[] = ['connection-dropped', 'mail-lost', 'plaintext-only'];

/** An end that was not the device's own decision says nothing about the mode. */
function readCut({ finding, connection }: Reading, evidence: Evidence): Finding | null {
  if (finding.outcome !== 'fails' || finding.cause === undefined || !SHOWN_BY_ANY_END.includes(finding.cause))
    return null;
  const wasRefused = (sessionOf(connection, evidence)?.refusal ?? null) !== null;
  if (wasRefused) return null;
  if (evidence.device.trouble !== null)
    return inconclusive('device-trouble', evidence.device.trouble, ...finding.because);
  if (finding.cause === 'connection-dropped') return null;
  if (connection.ended.how === 'open') return inconclusive('device-trouble', ...finding.because);
  // The server closes after QUIT as well: only its reset is no orderly end.
  const isCutOff = connection.ended.how === 'reset' && connection.ended.by !== 'client';
  return isCutOff ? inconclusive('server-trouble', ...finding.because, endOf(connection)) : null;
}

function isBetter(a: Reading, b: Reading): boolean {
  const byStage = STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage);
  if (byStage !== 0) return byStage > 0;
  // Retries with a lower version hide what the device can do: the highest offer counts.
  const [helloA, helloB] = [a.connection.hello, b.connection.hello];
  return helloA !== null && helloB !== null && compareVersions(helloA.maxVersion, helloB.maxVersion) > 0;
}

function judgeRefused(evidence: Evidence, connections: readonly Connection[]): Finding {
  if (evidence.server.arrived > 0) {
    return inconclusive(
      'harness-trouble',
      'The mail arrived although the tap refused every connection: the device has another way out.',
    );
  }
  if (connections.length === 0) return judgeUnseen(evidence);
  return {
    ...fails('connection-dropped', 'The tap refused the connection, as this control asks.'),
    ...saysSent(evidence),
  };
}

/** Not seen is not incompatible. */
function judgeUnseen(evidence: Evidence): Finding {
  if (evidence.device.trouble !== null) return inconclusive('device-trouble', evidence.device.trouble);
  if (evidence.server.arrived > 0) {
    return inconclusive(
      'harness-trouble',
      `The tap saw no connection, the mailbox holds ${evidence.server.arrived} mail(s) of this trial.`,
    );
  }
  return inconclusive('never-connected', 'The tap saw no connection.');
}

function readConnection(connection: Connection, session: ServerSession | null, trial: Judged, mode: Mode): Reading {
  const at = (stage: Reading['stage'], finding: Finding): Reading => ({ stage, finding, connection });
  if (connection.tapPort === 0 && connection.ended.by === 'tap') {
    return at('dropped', inconclusive('server-trouble', 'The tap could not reach the server.'));
  }
  const disagreement = quoteDisagreement(connection, session);
  if (disagreement !== null) return at('works', inconclusive('harness-trouble', ...disagreement));
  if (session !== null && succeeded(session, trial.direction)) return at(...readSuccess(session, trial, mode));
  if (connection.helloBeforeStarttls) {
    return at(
      'hello',
      fails('wrong-tls-mode', `It opened TLS at once on port ${trial.endpoint.port}, which starts in the clear.`),
    );
  }
  if (connection.hello === null) {
    const interception = readInterception(connection, trial);
    if (interception !== null) return at('session', interception);
    return at(...readCleartext(connection, session, trial, mode));
  }
  if (connection.alerts.some((a) => a.from === 'server' && a.number === 86)) {
    return at(
      'fallback-scsv',
      fails('connection-dropped', 'The server refused a deliberate downgrade (alert 86, fallback SCSV, RFC 7507).'),
    );
  }
  if (compareVersions(connection.hello.maxVersion, mode.tls.min) < 0 || connection.serverHello === null) {
    const reason = compareNegotiation(connection.hello, mode, trial.evidence.server.unspoken, connection.certificate);
    if (reason === null)
      return at(
        'dropped',
        fails('connection-dropped', 'The server ended the handshake although hello and mode agree.', endOf(connection)),
      );
    if (reason.cause === 'not-testable')
      return at('hello', { outcome: 'not-run', cause: 'not-testable', because: [reason.because] });
    return at('hello', fails(reason.cause, reason.because, answerOf(connection, session)));
  }
  if (connection.handshake !== 'finished' || !spoke(connection, session))
    return at('certificate', readRejection(connection, session, trial, mode));
  return at('session', readSession(connection, session, trial, mode));
}

/** Wire and server tell of the same connection; where they cannot both be right, both are quoted. */
function quoteDisagreement(connection: Connection, session: ServerSession | null): readonly string[] | null {
  if (session === null) return null;
  const got = session.delivered.length > 0 || session.fetched;
  if (session.tls !== null && connection.hello === null) {
    return ['The wire shows no hello on this connection.', `The server says TLS ${session.tls.version}.`];
  }
  if (got && session.tls === null && connection.handshake === 'finished') {
    return ['The wire shows a finished TLS handshake.', 'The server took mail on it in the clear.'];
  }
  return null;
}

function succeeded(session: ServerSession, direction: Direction): boolean {
  return direction === 'send' ? session.delivered.length > 0 : session.fetched;
}

function readSuccess(session: ServerSession, trial: Judged, mode: Mode): [Reading['stage'], Finding] {
  const did = trial.direction === 'send' ? 'The mail arrived' : 'The mail was fetched';
  if (session.tls === null) {
    if (mode.plaintext === 'refused')
      return ['works', inconclusive('server-trouble', `${did} in the clear, which the mode refuses.`)];
    const because = [`${did} in the clear.`];
    const asked = trial.setting.security === 'starttls' || trial.setting.security === 'implicit';
    if (asked)
      return [
        'in-the-clear',
        { ...fails('plaintext-fallback', ...because, 'The setting asks for TLS.'), encrypted: false },
      ];
    return ['works', { outcome: 'works', encrypted: false, because }];
  }
  const below = compareVersions(session.tls.version, mode.tls.min) < 0;
  if (below)
    return [
      'works',
      inconclusive('server-trouble', `${did} over TLS ${session.tls.version}, below the mode's ${mode.tls.min}.`),
    ];
  return [
    'works',
    { outcome: 'works', encrypted: true, because: [`${did} over TLS ${session.tls.version}, ${session.tls.suite}.`] },
  ];
}

/** A machine that is this busy has nothing to say about a device that gave up: some wait no longer than 3 s. */
const LATE_GREETING_MS = 1_500;

function readCleartext(
  connection: Connection,
  session: ServerSession | null,
  trial: Judged,
  mode: Mode,
): [Reading['stage'], Finding] {
  const { endpoint, setting } = trial;
  if (endpoint.tls === 'starttls' && connection.bytes.server === 0 && connection.tapPort !== 0) {
    return ['dropped', inconclusive('server-trouble', 'The server never greeted the device.', endOf(connection))];
  }
  const greetedMs = connection.dialogue.find((line) => line.from === 'server')?.atMs ?? 0;
  if (connection.bytes.client === 0 && greetedMs > LATE_GREETING_MS) {
    const late = `The server greeted only after ${(greetedMs / 1000).toFixed(1)} s, and the device had nothing more to say.`;
    return ['dropped', inconclusive('server-trouble', late)];
  }
  if (endpoint.tls === 'implicit' && (setting.security !== 'implicit' || connection.bytes.client > 0)) {
    const did = connection.bytes.client === 0 ? 'waited for a greeting' : 'spoke in the clear';
    return ['hello', fails('wrong-tls-mode', `It ${did} on port ${endpoint.port}, where TLS starts at once.`)];
  }
  if (endpoint.tls === 'implicit' || connection.starttls === 'accepted') {
    return ['dropped', fails('connection-dropped', 'It never sent a hello.', endOf(connection))];
  }
  const refusal = session?.refusal ?? null;
  if (mode.starttls === 'hidden' && setting.security === 'starttls' && !wentOnInTheClear(connection)) {
    return [
      'hello',
      fails('wrong-tls-mode', `The mode offers no STARTTLS on port ${endpoint.port}, which the setting asks for.`),
    ];
  }
  if (connection.starttls === 'refused') {
    return ['dropped', fails('connection-dropped', 'The server did not agree to STARTTLS.', endOf(connection))];
  }
  const asksForNone = setting.security === 'plaintext' || setting.security === 'opportunistic';
  if (mode.plaintext === 'refused' && (asksForNone || wentOnInTheClear(connection)) && connection.bytes.client > 0) {
    const answer = refusal === null ? 'It gave up before the server had to refuse.' : `The server answered ${refusal}.`;
    return ['clear', fails('plaintext-only', 'It never asked for TLS.', answer)];
  }
  if (session === null || connection.bytes.client === 0)
    return ['dropped', fails('connection-dropped', endOf(connection))];
  return ['session', readSession(connection, session, trial, mode)];
}

/** Commands that commit to nothing: a device that says no more than these has not tried to work without TLS. */
const NON_COMMITTAL = /^(?:\S+ )?(?:EHLO|HELO|CAPABILITY|CAPA|NOOP|QUIT|LOGOUT|STARTTLS|STLS|RSET|ID)\b/i;

function wentOnInTheClear({ dialogue }: Connection): boolean {
  return dialogue.some((line) => line.from === 'client' && line.text.trim() !== '' && !NON_COMMITTAL.test(line.text));
}

function sessionOf(connection: Connection, evidence: Evidence): ServerSession | null {
  if (connection.tapPort === 0) return null;
  return evidence.server.sessions.find((s) => s.peerPort === connection.tapPort) ?? null;
}

function saysSent(evidence: Evidence): { silent?: true } {
  return evidence.device.said === 'sent' ? { silent: true } : {};
}
