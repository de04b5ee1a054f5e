import type { Said } from '../harness/drivers/recipe.ts';
import type { Session } from '../harness/drivers/session.ts';

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
 * Waits for what the device says of an order, by its own words for it. A device that says "sent" proves nothing; one
 * that never comes back is the session's `console-timeout`, which is let through: trouble with the device.
 */
export async function hear<K extends Said['said']>(
  session: Session,
  words: Readonly<Record<K, RegExp>>,
): Promise<Said> {
  const { hit, match } = await session.expect(words);
  return { said: hit, text: match[0].trim(), exitCode: null };
}

/** Orders several mails, one after the other: what the device said of the first that failed, else of the last. */
export async function repeat(mails: number, order: () => Promise<Said>): Promise<Said> {
  let said = await order();
  for (let ordered = 1; ordered < mails && said.said !== 'failed'; ordered++) said = await order();
  return said;
}
