/* oxlint-disable no-control-regex -- the control characters of consoles are what this file is about */
import { TERMINAL_REPLIES } from './terminal-queries.ts';

/**
 * A console's bytes as the text that expressions are matched against: UTF-8 decoded, control sequences removed,
 * CR LF turned to LF, a backspace taking back the character before it. Feeding it in other pieces gives the same text.
 *
 * `util.stripVTControlCharacters` needs whole sequences: one that the network cut in two would leak into the text,
 * so this reads character by character (ECMA-48 section 5.4) and answers the two questions consoles ask on the way.
 */
export class PlainText {
  /** Text not consumed yet. */
  text = '';
  /** Of the chunk being read: a backspace is cheap here, and would copy all of `text` there. */
  #fresh = '';
  readonly #decoder = new TextDecoder();
  readonly #answer: (reply: string) => void;
  #state: 'text' | 'escape' | 'intermediate' | 'csi' | 'string' | 'string-escape' = 'text';
  #sequence = '';
  #carriageReturn = false;
  #answers = 0;

  constructor(answer: (reply: string) => void) {
    this.#answer = answer;
  }

  /** Appends; returns how many characters came in, control sequences included. */
  push(bytes: Uint8Array): number {
    const chunk = this.#decoder.decode(bytes, { stream: true });
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'text' && !this.#carriageReturn) {
        SPECIAL.lastIndex = at;
        const next = SPECIAL.exec(chunk)?.index ?? chunk.length;
        this.#fresh += chunk.slice(at, next);
        at = next;
        if (at === chunk.length) break;
      }
      this.#step(chunk.charAt(at));
      at += 1;
    }
    this.text += this.#fresh;
    this.#fresh = '';
    return chunk.length;
  }

  consume(length: number): string {
    const head = this.text.slice(0, length);
    this.text = this.text.slice(length);
    return head;
  }

  #step(char: string): void {
    switch (this.#state) {
      case 'text':
        return this.#textStep(char);
      case 'escape':
        return this.#escapeStep(char);
      case 'intermediate':
        // ESC ( B and the like: intermediates 0x20-0x2f, then one final character.
        if (char < ' ' || char > '/') this.#state = 'text';
        return;
      case 'csi':
        return this.#csiStep(char);
      case 'string':
        if (char === '\x1b') this.#state = 'string-escape';
        else if (char === '\x07' || char === '\x9c') this.#state = 'text';
        else this.#bound(char);
        return;
      case 'string-escape':
        // ESC \ ends the string; any other escape does so too, and starts a sequence of its own.
        this.#state = 'text';
        if (char !== '\\') {
          this.#state = 'escape';
          this.#escapeStep(char);
        }
    }
  }

  #textStep(char: string): void {
    if (this.#carriageReturn && char !== '\r') {
      this.#carriageReturn = false;
      if (char !== '\n') this.#fresh += '\r';
    }
    if (char === '\r') this.#carriageReturn = true;
    else if (char === '\b') this.#takeBack();
    else if (char === '\x1b') this.#state = 'escape';
    else if (char === '\x9b') this.#begin('csi');
    else if (STRING_STARTS_C1.includes(char)) this.#begin('string');
    else if (char === '\n' || char === '\t' || !CONTROL.test(char)) this.#fresh += char;
  }

  /** Never a line end: a terminal's backspace stops at the margin. */
  #takeBack(): void {
    if (this.#fresh === '') {
      if (!this.text.endsWith('\n')) this.text = this.text.slice(0, -lengthOfLast(this.text));
    } else if (!this.#fresh.endsWith('\n')) this.#fresh = this.#fresh.slice(0, -lengthOfLast(this.#fresh));
  }

  #escapeStep(char: string): void {
    if (char === '[') this.#begin('csi');
    else if (STRING_STARTS.includes(char)) this.#begin('string');
    else if (char >= ' ' && char <= '/') this.#state = 'intermediate';
    else if (char !== '\x1b') this.#state = 'text';
  }

  #csiStep(char: string): void {
    if (char === '\x1b') {
      this.#state = 'escape';
      return;
    }
    if (char < '@' || char > '~') return this.#bound(char);
    this.#state = 'text';
    const reply = TERMINAL_REPLIES.get(this.#sequence + char);
    if (reply === undefined || this.#answers >= MAX_ANSWERS) return;
    this.#answers += 1;
    this.#answer(reply);
  }

  #begin(state: 'csi' | 'string'): void {
    this.#state = state;
    this.#sequence = '';
  }

  /** A sequence that never ends must not swallow the rest of the session: after the bound, text is text again. */
  #bound(char: string): void {
    this.#sequence += char;
    if (this.#sequence.length > MAX_SEQUENCE) this.#state = 'text';
  }
}

/** C0, DEL and C1. */
const SPECIAL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const CONTROL = /[\0-\x1f\x7f-\x9f]/;
/** OSC, DCS, SOS, PM, APC after ESC, and as C1 characters. */
const STRING_STARTS = ']PX^_';
const STRING_STARTS_C1 = '\x9d\x90\x98\x9e\x9f';
/** Longest sequence seen in practice is an OSC window title, well under this. */
const MAX_SEQUENCE = 4096;
/** A console asks once a prompt; one that asks without end would make us flood it. */
const MAX_ANSWERS = 1000;

/** 2 for a surrogate pair. */
function lengthOfLast(text: string): number {
  return (text.codePointAt(Math.max(0, text.length - 2)) ?? 0) > 0xffff ? 2 : 1;
}
