import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /ups> /;
const WRAP = { plaintext: 'none', implicit: 'full', starttls: 'late', opportunistic: 'maybe' };

/** `let NAME VALUE`, each answered yes or no, then `alert now`. */
const upsColours: ClientRecipe = {
  speaks: 'Network cards of power supplies with `let` and `alert now`.',

  async submit(session, order) {
    const settings: readonly (readonly [string, string, boolean?])[] = [
      ['server', order.host],
      ['port', String(order.port)],
      ['wrap', WRAP[order.setting.security]],
      ['account', order.user],
      ['pin', order.password, true],
      ['sender', order.from],
      ['duty', order.to],
      ['topic', order.marker],
      ['bulk', String(order.sizeBytes)],
    ];
    for (const [name, value, secret = false] of settings) {
      await answer(session, PROMPT, `let ${name} ${value}`, { secret });
      const { hit } = await session.expect({ taken: /^yes/m, refused: /^no/m });
      if (hit === 'refused')
        throw new LabFault('console-refused', `the power supply did not take ${name}`, { stage: 'order' });
    }
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, 'alert now');
      return hear(session, { sent: /alert delivered/, failed: /alert LOST[^\n]*/ });
    });
  },
};

export default upsColours;
