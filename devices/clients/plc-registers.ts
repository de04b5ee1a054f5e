import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /^\./m;
const SECURITY = { plaintext: '00', starttls: '01', implicit: '10', opportunistic: '11' };

/** Writes registers and starts the job; such a controller never says what became of it. */
const plcRegisters: ClientRecipe = {
  speaks: 'Controllers with a register monitor.',

  async submit(session, order) {
    const registers: readonly (readonly [string, string, boolean?])[] = [
      ['MB100', order.host],
      ['MB101', String(order.port)],
      ['MB102', SECURITY[order.setting.security]],
      ['MB110', order.user],
      ['MB111', order.password, true],
      ['MB120', order.from],
      ['MB121', order.to],
      ['MB122', order.marker],
      ['MB123', String(order.sizeBytes)],
    ];
    for (const [register, value, secret = false] of registers) {
      await answer(session, PROMPT, `W ${register} "${value}"`, { secret });
      const { hit } = await session.expect({ taken: /^ACK/m, refused: /^NAK/m });
      if (hit === 'refused')
        throw new LabFault('console-refused', `the controller did not take ${register}`, { stage: 'order' });
    }
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, 'RUN MAIL');
      return hear(session, { nothing: /JOB \d+ STARTED/, failed: /^NAK/m });
    });
  },
};

export default plcRegisters;
