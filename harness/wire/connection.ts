import type { Connection, DialogueLine } from '../vocabulary/evidence.ts';
import type { Capture } from './capture.ts';
import { type Piece, walkCleartext } from './cleartext.ts';
import { readTlsSession } from './tls-session.ts';

/** Lines of a dialogue that are kept, and characters of a line: a device may talk without end. */
const MAX_LINES = 2_000;
const MAX_LINE_LENGTH = 1_000;
const MAX_ODDITIES = 50;

/**
 * The facts of one connection, from its bytes alone. Never throws: what cannot be read goes into `oddities`.
 * Give it a redacted capture: only what is secret by its place in the dialogue is blanked here.
 */
export function parseConnection(capture: Capture): Connection {
  const cleartext = walkCleartext(capture);
  const { endpoint } = capture;
  const { client, server } = cleartext.flows;
  const tls = readTlsSession(cleartext.flows, cleartext.tlsStart, endpoint.tls === 'implicit');
  const oddities = [...cleartext.oddities, ...tls.oddities];
  if (cleartext.pieces.length > MAX_LINES) oddities.push(`dialogue cut: ${cleartext.pieces.length} lines`);
  return {
    number: capture.number,
    startedAt: capture.startedAt.toISOString(),
    tapPort: capture.tapPort,
    late: capture.late,
    dialogue: cleartext.pieces.slice(0, MAX_LINES).map(renderPiece),
    starttls: cleartext.starttls,
    helloBeforeStarttls: endpoint.tls === 'starttls' && cleartext.tlsStart.client === 0,
    hello: tls.hello,
    serverHello: tls.serverHello,
    certificate: tls.certificate,
    alerts: [...tls.alerts],
    handshake: tls.handshake,
    applicationBytes: tls.applicationBytes,
    bytes: { client: client.length, server: server.length },
    ended: readEnd(capture),
    oddities: oddities.slice(0, MAX_ODDITIES),
  };
}

/** Who ended it first, and how; a reset behind the other side's FIN changes nothing about that. */
function readEnd(capture: Capture): Connection['ended'] {
  for (const event of capture.events) {
    if (event.kind === 'fin' || event.kind === 'reset') return { by: event.from, how: event.kind, atMs: event.atMs };
  }
  return { by: 'nobody', how: 'open', atMs: capture.events.at(-1)?.atMs ?? 0 };
}

function renderPiece(piece: Piece): DialogueLine {
  const { from, atMs } = piece;
  if (piece.kind !== 'line') return { from, text: piece.note, atMs };
  const bytes = Buffer.from(piece.bytes);
  for (const [start, end] of piece.secrets) bytes.fill('*', start, end);
  return { from, text: renderLine(bytes), atMs };
}

/** Text of any bytes, safe in a terminal and in JSON: control characters become `\xNN`. */
function renderLine(bytes: Buffer): string {
  const text = bytes
    .subarray(0, MAX_LINE_LENGTH)
    .toString('utf8')
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    .replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return bytes.length > MAX_LINE_LENGTH ? `${text}… (${bytes.length} bytes)` : text;
}
