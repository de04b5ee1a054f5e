import { createConsole, type ConsoleOptions } from './expect.ts';
import type { Session } from './session.ts';

/** What a scripted console does next. `expect` waits for input; the others act at once. */
export type ScriptStep =
  | { readonly expect: RegExp; readonly reply: string }
  | { readonly say: string }
  /** The console ends, for this reason. */
  | { readonly end: string }
  /** Takes all input from now on and never answers. */
  | { readonly hang: true }
  /** Prints without end, until it is paused or closed. */
  | { readonly flood: true };

/** Far end of a fake console: what it prints, and how it ends. */
export interface FakeEnd {
  print(text: string): void;
  end(reason: string): void;
  /** false from the moment that the harness stopped reading or closed the session. */
  readonly reading: boolean;
}

export interface FakeFarEnd {
  /** Everything the harness types. */
  typed(text: string): void;
  closed?(): Promise<void>;
}

/** A console without a device: for tests of recipes and of the harness itself. */
export function openScripted(script: readonly ScriptStep[], options: ConsoleOptions = {}): Session {
  return openFake((far) => playScript(script, far), options);
}

/** A session with a far end in this process. It runs through the same engine as every other driver. */
export function openFake(play: (far: FakeEnd) => FakeFarEnd, options: ConsoleOptions = {}): Session {
  let reading = true;
  const opened = createConsole(
    {
      endpoint: 'fake console',
      // A terminal answers later, never within the call that types.
      write: (text) => setImmediate(() => player.typed(text)),
      pause: () => {
        reading = false;
      },
      close: async () => {
        reading = false;
        await player.closed?.();
      },
    },
    { ...options, facts: { carrier: 'scripted', ...options.facts } },
  );
  const player = play({
    print: (text) => opened.receive(Buffer.from(text)),
    end: (reason) => opened.end(reason),
    get reading() {
      return reading;
    },
  });
  return opened.session;
}

function playScript(script: readonly ScriptStep[], far: FakeEnd): FakeFarEnd {
  const steps = [...script];
  let typed = '';
  const play = (): void => {
    for (let step = steps[0]; step !== undefined; step = steps[0]) {
      if ('expect' in step) {
        const match = step.expect.exec(typed);
        if (match === null) return;
        typed = typed.slice(match.index + match[0].length);
        far.print(step.reply);
      } else if ('say' in step) far.print(step.say);
      else if ('end' in step) far.end(step.end);
      else if ('flood' in step) flood(far);
      else return;
      steps.shift();
    }
  };
  setImmediate(play);
  return {
    typed: (text) => {
      typed += text;
      play();
    },
  };
}

/** Prints at the pace of the event loop, as a device on a fast line would. */
export function flood(far: FakeEnd): void {
  if (!far.reading) return;
  far.print(FLOOD_LINE.repeat(512));
  setImmediate(() => flood(far));
}
const FLOOD_LINE = 'DEBUG spool: retry, retry, retry, retry, retry, retry, retry!\r\n';
