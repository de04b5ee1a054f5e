import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, repeat } from '../recipe-steps.ts';

const PROMPT = /FAX\* /;
const SECURITY = { plaintext: '0', implicit: '1', starttls: '2', opportunistic: '3' };

/** Numbered parameters, then a test whose result stands at the end of a journal that comes in pages. */
const faxPager: ClientRecipe = {
  speaks: 'Fax machines with numbered parameters and a paged journal.',

  async submit(session, order) {
    const parameters = {
      301: order.host,
      302: order.port,
      303: SECURITY[order.setting.security],
      310: order.user,
      320: order.from,
      321: order.to,
      322: order.marker,
      323: order.sizeBytes,
    };
    for (const [number, value] of Object.entries(parameters)) {
      await answer(session, PROMPT, `PAR ${number} ${value}`);
      const { hit } = await session.expect({ taken: /PAR \d+ SET/, refused: /PAR \d+ REJECTED/ });
      if (hit === 'refused')
        throw new LabFault('console-refused', `the fax did not take parameter ${number}`, { stage: 'order' });
    }
    await answer(session, PROMPT, 'CODE');
    await answer(session, /CODE WORD\? /, order.password, { secret: true });
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, 'SEND TEST');
      for (;;) {
        const { hit, match } = await session.expect({
          more: /-- more --/,
          sent: /MAIL TX {2}OK/,
          failed: /MAIL TX {2}NG[^\n]*/,
        });
        if (hit !== 'more') return { said: hit, text: match[0].trim(), exitCode: null };
        session.send(' ', { lineEnd: '' });
      }
    });
  },
};

export default faxPager;
