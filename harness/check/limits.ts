/** What one device, one address and all of them together may take. Times are ms, sizes bytes. */
export interface CheckLimits {
  /** A ticket, its code and all that is known of it end after this long. */
  readonly ticketMs: number;
  readonly tickets: number;
  readonly connections: number;
  readonly connectionsOfSource: number;
  /** New connections of one address within `windowMs`. */
  readonly arrivalsOfSource: number;
  /** From accepting to a login with a valid code. */
  readonly signInMs: number;
  /** Without a byte from the device. */
  readonly idleMs: number;
  /** Of a connection, whatever it does. */
  readonly totalMs: number;
  /** From the device, on one connection. */
  readonly bytes: number;
  /** Reads of a connection that may bring fewer than `TINY_BYTES` on average. */
  readonly tinyReads: number;
  /** Commands of a connection. */
  readonly commands: number;
  readonly recipients: number;
  readonly mailBytes: number;
  /** Different wrong codes of one address within `guessWindowMs`, after which it is refused whatever it says. */
  readonly guessesOfSource: number;
  /** Different wrong codes of all addresses within `guessWindowMs`, after which each gets `guessesUnderPressure`. */
  readonly guessesInAll: number;
  readonly guessesUnderPressure: number;
  readonly guessWindowMs: number;
  readonly windowMs: number;
}

/**
 * A printer's test mail takes seconds, an old camera's RSA handshake up to twenty; a scan that somebody sends instead
 * has some MB. The rest is room for mistakes, not for use.
 */
export const CHECK_LIMITS: CheckLimits = {
  ticketMs: 30 * 60_000,
  tickets: 50,
  connections: 128,
  connectionsOfSource: 8,
  arrivalsOfSource: 60,
  signInMs: 90_000,
  idleMs: 60_000,
  totalMs: 180_000,
  bytes: 6 * 1024 * 1024,
  tinyReads: 2_000,
  commands: 150,
  recipients: 10,
  mailBytes: 5 * 1024 * 1024,
  guessesOfSource: 8,
  guessesInAll: 200,
  guessesUnderPressure: 2,
  guessWindowMs: 10 * 60_000,
  windowMs: 60_000,
};

/** A device that sends line by line brings 76 bytes a read; one byte a read only serves to fill our memory. */
export const TINY_BYTES = 16;
