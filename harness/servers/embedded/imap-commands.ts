import { type Consumer } from './line-reader.ts';
import { quoteLiteral } from './imap-syntax.ts';

/** One command, its literals put in as quoted strings. */
export interface ImapCommand {
  readonly tag: string;
  /** Upper case; "UID FETCH" is one name. */
  readonly name: string;
  readonly rest: string;
}

interface Answers {
  say(text: string): void;
  divert(consumer: Consumer): void;
  command(command: ImapCommand): void;
  /** A literal that is not taken; `tag` of its command. */
  tooBig(command: ImapCommand): void;
}

export interface CommandReader {
  line(text: string): void;
  reset(): void;
}

/**
 * Joins the lines and literals of a command (RFC 3501 section 4.3, LITERAL+ of RFC 7888). A literal that is too big is
 * refused before it is sent, or read and dropped when the client did not wait.
 */
export function createCommandReader(answers: Answers): CommandReader {
  let begun = '';
  return {
    reset() {
      begun = '';
    },
    line(text) {
      const literal = /\{(\d{1,10})(\+?)\}$/.exec(text);
      if (literal === null) {
        const whole = begun + text;
        begun = '';
        return answers.command(splitCommand(whole));
      }
      const before = begun + text.slice(0, literal.index);
      const size = Number(literal[1]);
      const waits = literal[2] === '';
      const fits = before.length + size <= MAX_COMMAND_BYTES && splitCommand(before).name !== 'APPEND';
      if (!fits) {
        begun = '';
        if (!waits) answers.divert(dropBytes(size));
        return answers.tooBig(splitCommand(before));
      }
      if (waits) answers.say('+ go on');
      if (size === 0) begun = `${before}""`;
      else {
        answers.divert(
          collectBytes(size, (bytes) => {
            begun = before + quoteLiteral(bytes);
          }),
        );
      }
    },
  };
}

/** Names, passwords and search words are short. */
const MAX_COMMAND_BYTES = 16 * 1024;

function splitCommand(text: string): ImapCommand {
  const [, tag = '', name = '', rest = ''] = /^(\S*) ?((?:uid )?\S*) ?([\s\S]*)$/i.exec(text) ?? [];
  return { tag, name: name.toUpperCase(), rest };
}

function collectBytes(size: number, done: (bytes: Buffer) => void): Consumer {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    if (held.length < size) return null;
    done(held.subarray(0, size));
    return held.subarray(size);
  };
}

function dropBytes(size: number): Consumer {
  let left = size;
  return (chunk) => {
    const rest = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    return left > 0 ? null : rest;
  };
}
