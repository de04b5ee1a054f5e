import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /^#/m;
const SECURITY = { plaintext: '0', implicit: '1', starttls: '2', opportunistic: '9' };

/** Installer codes, each answered GUT or FALSCH; the test call answers A00 or E and a number. */
const alarmCodes: ClientRecipe = {
  speaks: 'Alarm panels that are set up with numeric installer codes.',

  async submit(session, order) {
    const settings: readonly (readonly [string, string, boolean?])[] = [
      ['01', order.host],
      ['02', String(order.port)],
      ['03', SECURITY[order.setting.security]],
      ['04', order.user],
      ['05', order.password, true],
      ['06', order.from],
      ['07', order.to],
      ['08', order.marker],
      ['09', String(order.sizeBytes)],
    ];
    for (const [code, value, secret = false] of settings) {
      await answer(session, PROMPT, `*${code}#${value}`, { secret });
      const { hit } = await session.expect({ taken: /GUT/, refused: /FALSCH/ });
      if (hit === 'refused')
        throw new LabFault('console-refused', `the alarm panel did not take code ${code}`, { stage: 'order' });
    }
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, '*90');
      return hear(session, { sent: /A00 [^\n]*/, failed: /E\d\d [^\n]*/ });
    });
  },
};

export default alarmCodes;
