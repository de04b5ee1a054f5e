import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import { LabFault } from '../../harness/faults.ts';
import { repeat } from '../recipe-steps.ts';
import { quote, readSecret, runProgram, type SecretLine, writeMail, writeSettings } from '../shell-steps.ts';

const TLS: Readonly<Record<Order['setting']['security'], readonly string[]>> = {
  implicit: ['UseTLS=YES', 'UseSTARTTLS=NO'],
  starttls: ['UseTLS=YES', 'UseSTARTTLS=YES'],
  // It has no "if available".
  opportunistic: ['UseTLS=YES', 'UseSTARTTLS=YES'],
  plaintext: ['UseTLS=NO', 'UseSTARTTLS=NO'],
};

const ssmtp: ClientRecipe = {
  speaks: 'Small Linux boxes that hand every mail to a mail server with ssmtp.',

  async submit(session, order) {
    refuseUntypeable(order.password);
    await readSecret(session, order.password);
    const { host, port, setting, user } = order;
    const secret: SecretLine = { before: 'AuthPass=', after: '', escape: 'none' };
    const login = setting.auth === 'NONE' ? [] : [`AuthUser=${user}`, secret];
    const server = [`mailhub=${host}:${port}`, 'hostname=box', 'FromLineOverride=YES', ...TLS[setting.security]];
    await writeSettings(session, '/etc/ssmtp/ssmtp.conf', [...server, ...login]);
    await writeMail(session, order, '/tmp/mail');
    return repeat(order.mails, async () =>
      runProgram(session, `ssmtp -f ${quote(order.from)} ${quote(order.to)} < /tmp/mail`),
    );
  },
};

/** Its file has no quotes: a password ends at the first of these (2.64), and half of it would be called rejected. */
function refuseUntypeable(password: string): void {
  if (!/[\s=#]/.test(password)) return;
  throw new LabFault('secret-not-typeable', 'ssmtp takes no password with a space, = or #', { stage: 'order' });
}

export default ssmtp;
