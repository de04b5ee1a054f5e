/** Where something went wrong, in the order of a trial. */
type Stage = 'configuration' | 'start' | 'connect' | 'login' | 'order' | 'wait' | 'record' | 'report' | 'close';

interface Details {
  /** What to do about it, as a sentence. */
  readonly advice?: string;
  readonly stage?: Stage;
  readonly endpoint?: string;
  readonly cause?: unknown;
}

abstract class Fault extends Error {
  readonly code: string;
  readonly advice: string | undefined;
  readonly stage: Stage | undefined;
  readonly endpoint: string | undefined;
  constructor(code: string, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.advice = details.advice;
    this.stage = details.stage;
    this.endpoint = details.endpoint;
  }
}

/** Our mistake or the author's of a file: stops the run. `exitCode` follows sysexits.h. */
export class HarnessFault extends Fault {
  override readonly name = 'HarnessFault';
  readonly exitCode: 64 | 78;
  constructor(code: string, message: string, details: Details & { readonly exitCode?: 64 | 78 } = {}) {
    super(code, message, details);
    this.exitCode = details.exitCode ?? 78;
  }
}

/** Network, device or server trouble: becomes evidence of a trial, never stops the run. */
export class LabFault extends Fault {
  override readonly name = 'LabFault';
  /** What a console showed that was never opened to the end: `cast` in asciicast v2, and the last screen. */
  readonly transcript: { readonly cast: string; readonly screen: string } | undefined;
  constructor(code: string, message: string, details: Details & Partial<Pick<LabFault, 'transcript'>> = {}) {
    super(code, message, details);
    this.transcript = details.transcript;
  }
}
