import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { repeat } from '../recipe-steps.ts';
import { quote, readSecret, runProgram, writeMail, writeSettings } from '../shell-steps.ts';

const TLS: Readonly<Record<Order['setting']['security'], readonly string[]>> = {
  implicit: ['SECURETRANSFER'],
  starttls: ['SECURETRANSFER', 'STARTTLS'],
  opportunistic: ['SECURETRANSFER', 'STARTTLS', 'OPPORTUNISTIC_TLS'],
  // Without it dma does not sign in where nothing is encrypted.
  plaintext: ['INSECURE'],
};

const dma: ClientRecipe = {
  speaks: 'Small servers whose mail agent is dma: it queues what it is given and says nothing of it.',

  async submit(session, order) {
    await readSecret(session, order.password);
    const { host, port, setting, user } = order;
    const login = setting.auth === 'NONE' ? [] : ['AUTHPATH /etc/dma/auth.conf'];
    const server = [`SMARTHOST ${host}`, `PORT ${port}`, ...TLS[setting.security], ...login];
    await writeSettings(session, '/etc/dma/auth.conf', [{ before: `${user}|${host}:`, after: '', escape: 'none' }]);
    await writeSettings(session, '/etc/dma/dma.conf', server);
    // It gives up its rights before it reads them.
    await session.run('chown mail /etc/dma/dma.conf /etc/dma/auth.conf');
    await writeMail(session, order, '/tmp/mail');
    return repeat(order.mails, async () =>
      runProgram(session, `dma -f ${quote(order.from)} -- ${quote(order.to)} < /tmp/mail`),
    );
  },
};

export default dma;
