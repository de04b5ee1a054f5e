/** One case of an `expect`: the first text that matched, and what stood before it. */
export interface Hit<K extends string> {
  readonly hit: K;
  readonly match: RegExpExecArray;
  readonly before: string;
}

export interface Waiting {
  /** Give up when the console has printed nothing for this long. */
  readonly idleMs?: number;
  /** Give up after this long, whatever it prints. */
  readonly totalMs?: number;
  /** Search no more than this many characters at the end of the output: bounds what an expression can cost. */
  readonly lastCharacters?: number;
}

/** What a console showed since the last `takeTranscript`, secrets blanked. */
export interface Transcript {
  /** asciicast v2. */
  readonly cast: string;
  /** The screen as a person would see it now, without control sequences. */
  readonly screen: string;
}

export interface TapAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * An open console of a device, whatever carries it. Waiting methods throw LabFault with code `console-timeout`,
 * `console-ended` or `console-flood`; nothing else of the carrier comes through.
 */
export interface Session extends AsyncDisposable {
  /** Types text and the line end ("\r" unless told). A secret is blanked in every transcript, echoes too. */
  send(text: string, options?: { readonly secret?: boolean; readonly lineEnd?: string }): void;
  /** Resolves with the earliest match in the output, and consumes output up to its end. */
  expect<K extends string>(cases: Readonly<Record<K, RegExp>>, waiting?: Waiting): Promise<Hit<K>>;
  /**
   * For consoles that are a POSIX shell at its prompt: runs a command, told apart by a random marker. `output` has no
   * line ends at its end, like `$(…)`. HarnessFault `command-not-typeable`: control characters, or over 4,000 bytes.
   */
  run(command: string, waiting?: Waiting): Promise<{ readonly output: string; readonly exitCode: number }>;
  takeTranscript(): Promise<Transcript>;
  /**
   * Devices that reach nothing but a tap through their driver's own way out: leads it to this trial's tap. What the
   * device is told instead of the tap's address is returned: its `host` answers on the canonical `port` alone.
   */
  leadTo?(tap: TapAddress, port: number): TapAddress;
  /** Back to how the device stood after its login, in place of a new session: asked for before each trial but the first. */
  renew?(): Promise<void>;
  /** What the carrier negotiated, for the record: e.g. `{kex: 'diffie-hellman-group1-sha1', hostKey: 'SHA256:…'}`. */
  readonly facts: Readonly<Record<string, string>>;
}
