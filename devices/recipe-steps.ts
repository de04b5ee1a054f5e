import type { Said } from '../harness/drivers/recipe.ts';
import type { Session } from '../harness/drivers/session.ts';
import { LabFault } from '../harness/faults.ts';

/** Waits for the device's question and types the answer. */
export async function answer(
  session: Session,
  question: RegExp,
  text: string,
  options: { readonly secret?: boolean } = {},
): Promise<void> {
  await session.expect({ question });
  session.send(text, options);
}

/**
 * Waits for the device's verdict on an order. `nothing`: it said nothing in the session's own time, and was
 * interrupted with Ctrl-C, so that it comes back to its prompt. A device that said "sent" proves nothing.
 */
export async function hear(session: Session, words: { readonly sent: RegExp; readonly failed: RegExp }): Promise<Said> {
  try {
    const { hit, match } = await session.expect(words);
    return { said: hit, text: match[0].trim(), exitCode: null };
  } catch (error) {
    if (!(error instanceof LabFault) || error.code !== 'console-timeout') throw error;
    session.send('\x03', { lineEnd: '' });
    return { said: 'nothing', text: '', exitCode: null };
  }
}

/** Orders several mails, one after the other: what the device said of the first that was not "sent", else of the last. */
export async function repeat(mails: number, order: () => Promise<Said>): Promise<Said> {
  let said = await order();
  for (let ordered = 1; ordered < mails && said.said === 'sent'; ordered++) said = await order();
  return said;
}
