import { HarnessFault } from '../../faults.ts';

/**
 * For tests: whether what they need is here, as `look` finds without a HarnessFault. Where nothing may be skipped, that it
 * is not is a failure; elsewhere the reason is printed.
 */
export async function isHere(what: string, look: () => Promise<void>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    const why = `${what}: ${fault.message}. ${fault.advice ?? ''}`;
    if (process.env['CI'] === 'true') throw new Error(why, { cause: fault });
    console.log(`skipped: ${why}`);
    return false;
  }
}
