import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { LabFault } from '../../harness/faults.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROMPT = /cam:\/> /;
const CRYPT = { plaintext: 'off', implicit: 'ssl', starttls: 'tls', opportunistic: 'auto' };

/** `name=value` lines, each confirmed with OK, then `test-mail`. */
const cameraKeys: ClientRecipe = {
  speaks: 'Network cameras with `name=value` lines and a `test-mail` command.',

  async submit(session, order) {
    await enter(session, 'smtp.server', order.host);
    await enter(session, 'smtp.port', String(order.port));
    await enter(session, 'smtp.crypt', CRYPT[order.setting.security]);
    await enter(session, 'smtp.login', order.user);
    await enter(session, 'smtp.pass', order.password, { secret: true });
    await enter(session, 'mail.sender', order.from);
    await enter(session, 'mail.receiver', order.to);
    await enter(session, 'mail.title', order.marker);
    await enter(session, 'mail.snapshot', String(order.sizeBytes));
    return repeat(order.mails, async () => {
      await answer(session, PROMPT, 'test-mail');
      return hear(session, { sent: /OK snapshot mailed/, failed: /ERR [^\n]*/ });
    });
  },
};

async function enter(session: Session, name: string, value: string, options = {}): Promise<void> {
  await answer(session, PROMPT, `${name}=${value}`, options);
  const { hit } = await session.expect({ taken: /^OK$/m, refused: /^ERR .*$/m });
  if (hit === 'refused') throw new LabFault('console-refused', `the camera did not take ${name}`, { stage: 'order' });
}

export default cameraKeys;
