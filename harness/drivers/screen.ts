import type { Terminal } from '@xterm/headless';

/** A terminal nobody looks at. */
export interface Screen {
  /** Writes these texts and tells what now stands on the screen, without what is blank at the end of lines and of the whole. */
  show(texts: readonly string[]): Promise<string>;
}

/** The terminal is made when something was printed: 3,000 silent fakes need none. */
export function createScreen(cols: number, rows: number): Screen {
  let terminal: Terminal | undefined;
  return {
    show: async (texts) => {
      const text = lastLines(texts.join(''));
      if (terminal === undefined) {
        if (text === '') return '';
        terminal = await openTerminal(cols, rows);
      }
      const shown = terminal;
      await new Promise<void>((resolve) => shown.write(text, resolve));
      return renderScreen(shown);
    },
  };
}

/** Only the end of a long output is still on the screen: drawing 1 MiB takes half a second. */
function lastLines(text: string): string {
  if (text.length <= MAX_DRAWN) return text;
  const end = text.slice(-MAX_DRAWN);
  return end.slice(end.indexOf('\n') + 1);
}
const MAX_DRAWN = 64 * 1024;

async function openTerminal(cols: number, rows: number): Promise<Terminal> {
  const { default: xterm } = await import('@xterm/headless');
  return new xterm.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true });
}

function renderScreen(terminal: Terminal): string {
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let row = 0; row < terminal.rows; row += 1) {
    lines.push(
      active
        .getLine(active.viewportY + row)
        ?.translateToString(true)
        .trimEnd() ?? '',
    );
  }
  return lines.join('\n').trimEnd();
}
