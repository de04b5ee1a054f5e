import type { Session } from './session.ts';

/** The session; closing it closes all of `parts`, itself among them, last opened first. */
export function closeWith(session: Session, parts: AsyncDisposableStack): Session {
  return {
    facts: session.facts,
    send: (text, options) => session.send(text, options),
    expect: async (cases, waiting) => session.expect(cases, waiting),
    run: async (command, waiting) => session.run(command, waiting),
    takeTranscript: async () => session.takeTranscript(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
