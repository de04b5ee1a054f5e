import { StringDecoder } from 'node:string_decoder';

/** The other side hung up. Dialects let it through. */
export class ConsoleClosed extends Error {
  override readonly name = 'ConsoleClosed';
}

/** Ctrl-C while a line was typed: dialects go back to their prompt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Asking {
  /** What a typed character shows as; '' for nothing, as for a password at `login`. Default: itself. */
  readonly echo?: string;
}

/** Characters that may be typed ahead; a paste of a settings file is far below. */
const MAX_TYPED_AHEAD = 65_536;
const MAX_LINE = 4_096;

/**
 * The line editor of every emulated console, in place of the kernel's: over SSH there is none, and devices differ in
 * what they echo. `write` resolves when the carrier takes more.
 */
export class Terminal {
  readonly #write: (text: string) => Promise<void>;
  readonly #decoder = new StringDecoder('utf8');
  #typed = '';
  #closed = false;
  #wake: (() => void) | null = null;
  /** Echo not yet written: a line that arrives at once is echoed at once, not as one packet a character. */
  #echo = '';
  /** Called on Ctrl-C while nothing is being asked. */
  onInterrupt: (() => void) | null = null;

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write;
  }

  receive(bytes: Buffer): void {
    const text = this.#decoder.write(bytes);
    // Interrupts reach a running order at once, whatever was typed before.
    if (this.#wake === null && text.includes('\x03') && this.onInterrupt !== null) {
      this.#typed = '';
      this.onInterrupt();
      return;
    }
    if (this.#typed.length < MAX_TYPED_AHEAD) this.#typed += text;
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Lines end with "\n"; the carrier turns that into what its far end needs. */
  async print(text: string): Promise<void> {
    if (this.#closed) throw new ConsoleClosed();
    const whole = this.#echo + text;
    this.#echo = '';
    if (whole !== '') await this.#write(whole);
  }

  /** Prints the prompt and reads a line, edited with backspace and Ctrl-U. Throws ConsoleClosed, Interrupted. */
  async ask(prompt: string, asking: Asking = {}): Promise<string> {
    await this.print(prompt);
    let line = '';
    for (;;) {
      const key = await this.#key();
      if (key === '\r' || key === '\n') break;
      const shown = (text: string) => asking.echo ?? text;
      if (key === '\x03') {
        await this.print('^C\n');
        throw new Interrupted();
      } else if (key === '\x7f' || key === '\b') {
        if (line !== '' && shown('x') !== '') this.#echo += '\b \b';
        line = line.slice(0, -1);
      } else if (key === '\x15') {
        if (shown('x') !== '') this.#echo += '\b \b'.repeat(line.length);
        line = '';
      } else if (key >= ' ' && line.length < MAX_LINE) {
        line += key;
        this.#echo += shown(key);
      }
    }
    await this.print('\n');
    return line;
  }

  /** Waits for any one key, as pagers do; nothing is echoed. */
  async anyKey(prompt: string): Promise<string> {
    await this.print(prompt);
    return this.#key();
  }

  async #key(): Promise<string> {
    while (this.#typed === '') {
      await this.print('');
      if (this.#closed) throw new ConsoleClosed();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = null;
    }
    const key = this.#typed.startsWith('\r\n') ? '\r' : (this.#typed[0] ?? '');
    this.#typed = this.#typed.slice(this.#typed.startsWith('\r\n') ? 2 : 1);
    return key;
  }
}
