import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { repeat } from '../recipe-steps.ts';
import { readSecret, runProgram, type SecretLine, writeMail, writeSettings } from '../shell-steps.ts';

const TLS: Readonly<Record<Order['setting']['security'], readonly string[]>> = {
  implicit: ['--tls-on-connect'],
  starttls: ['--tls'],
  opportunistic: ['--tls-optional'],
  plaintext: [],
};

const swaks: ClientRecipe = {
  speaks: 'Monitoring scripts that send with swaks.',

  async submit(session, order) {
    refuseUntypeable(order.password);
    await readSecret(session, order.password);
    const { host, port, setting, user, from, to } = order;
    const secret: SecretLine = { before: '--auth-password ', after: '', escape: 'none' };
    const login = setting.auth === 'NONE' ? [] : ['--auth', `--auth-user ${user}`, secret];
    const server = [`--server ${host}`, `--port ${port}`, `--from ${from}`, `--to ${to}`, '--data @/tmp/mail'];
    await writeSettings(session, '/tmp/swaks.conf', [...server, ...TLS[setting.security], ...login]);
    await writeMail(session, order, '/tmp/mail');
    // Its dialogue has the password in base64, as PLAIN does. What it misses it would ask for, and wait.
    return repeat(order.mails, async () =>
      runProgram(session, 'swaks --config /tmp/swaks.conf --hide-all 2>&1 < /dev/null'),
    );
  },
};

/** A value that begins like an option is one to swaks: the password would be gone. */
function refuseUntypeable(password: string): void {
  if (!password.startsWith('-')) return;
  throw new LabFault('secret-not-typeable', 'swaks takes no password that begins with a dash', { stage: 'order' });
}

export default swaks;
