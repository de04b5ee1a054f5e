import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { quote, readSecret, runProgram, writeMail } from '../shell-steps.ts';

const SECURITY = { starttls: 'starttls', implicit: 'tls', opportunistic: 'auto', plaintext: 'plain' } as const;

const php: ClientRecipe = {
  speaks: 'Web spaces whose contact form sends through a mailbox with PHP.',

  async submit(session, order) {
    await readSecret(session, order.password);
    await writeMail(session, order, '/tmp/mail');
    const { host, port, setting, from, to } = order;
    const user = setting.auth === 'NONE' ? '' : order.user;
    const words = [host, String(port), SECURITY[setting.security], user, from, to].map(quote).join(' ');
    const command = `php /usr/local/lib/contact-form.php ${words} < /tmp/mail`;
    return repeat(order.mails, async () => runProgram(session, command));
  },
};

export default php;
