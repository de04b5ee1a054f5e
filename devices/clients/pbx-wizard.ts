import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { answer, hear, repeat } from '../recipe-steps.ts';

const PROTECTION = { plaintext: 'none', implicit: 'tls', starttls: 'starttls', opportunistic: 'any' };

/** Answers every question of the wizard, saves, and has it send until enough was sent. */
const pbxWizard: ClientRecipe = {
  speaks: 'Telephone systems whose voice mail is set up by a wizard.',

  async submit(session, order) {
    await answer(session, /pbx: /, 'wizard voicemail');
    await answer(session, /Mail server \[.*\]: /, order.host);
    await answer(session, /Port \[.*\]: /, String(order.port));
    await answer(session, /Protection .*\[.*\]: /, PROTECTION[order.setting.security]);
    await answer(session, /User \[.*\]: /, order.user);
    await answer(session, /Password \[.*\]: /, order.password, { secret: true });
    await answer(session, /Sender \[.*\]: /, order.from);
    await answer(session, /Deliver voice mail to \[.*\]: /, order.to);
    await answer(session, /Title \[.*\]: /, order.marker);
    await answer(session, /bytes \[.*\]: /, String(order.sizeBytes));
    await answer(session, /Save these settings\? \(y\/n\) /, 'y');
    const said = await repeat(order.mails, async () => {
      await answer(session, TEST, 'y');
      return hear(session, { sent: /delivered/, failed: /failed: [^\n]*/ });
    });
    await answer(session, TEST, 'n');
    return said;
  },
};

const TEST = /Send a test message now\? \(y\/n\) /;

export default pbxWizard;
