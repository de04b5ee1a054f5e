import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const MAIL = /\[conf\/mail\]# /;
const TRANSPORT = { plaintext: 'clear', implicit: 'smtps', starttls: 'starttls', opportunistic: 'optional' };

/** Down the configuration tree, back up, and the self-test. Leaves the console where it found it. */
const switchConfig: ClientRecipe = {
  speaks: 'Managed switches with a configuration tree and a `mailtest` command.',

  async submit(session, order) {
    await answer(session, /sw-access> /, 'enable');
    await answer(session, /sw-access# /, 'configure');
    await answer(session, /\[conf\]# /, 'mail');
    await answer(session, MAIL, `relay ${order.host} ${order.port} ${TRANSPORT[order.setting.security]}`);
    await answer(session, MAIL, `account ${order.user}`);
    await answer(session, /Secret: /, order.password, { secret: true });
    await answer(session, MAIL, `sender ${order.from}`);
    await answer(session, MAIL, `recipient ${order.to}`);
    await answer(session, MAIL, 'leave');
    await answer(session, /\[conf\]# /, 'leave');
    const said = await repeat(order.mails, async () => {
      await answer(session, /sw-access# /, `mailtest ${order.marker} ${order.sizeBytes}`);
      return hear(session, { sent: /%MAIL-6-SENT[^\n]*/, failed: /%MAIL-3-[^\n]*/ });
    });
    await answer(session, /sw-access# /, 'leave');
    return said;
  },
};

export default switchConfig;
