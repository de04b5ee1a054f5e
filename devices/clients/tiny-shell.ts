import type { ClientRecipe, Order, Said } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { answer, repeat } from '../recipe-steps.ts';
import { quote } from '../shell-steps.ts';

const PROMPT = /\/ # /;
const ENCRYPTION = { plaintext: 'no', implicit: 'wrap', starttls: 'yes', opportunistic: 'try' };

/** Programs that say nothing when all is well: the exit code tells. */
const tinyShell: ClientRecipe = {
  speaks: 'Small Linux boxes with `mailput` and `mailget`.',

  async submit(session, order) {
    const mail = `-f ${quote(order.from)} -t ${quote(order.to)} -s ${quote(order.marker)} -b ${order.sizeBytes}`;
    return repeat(order.mails, () => runProgram(session, `mailput ${renderServer(order)} ${mail}`, order));
  },

  async fetch(session, order) {
    return runProgram(session, `mailget -P ${order.setting.protocol} ${renderServer(order)}`, order);
  },
};

function renderServer({ host, port, setting, user }: Order): string {
  return `-h ${quote(host)} -p ${port} -e ${ENCRYPTION[setting.security]} -u ${quote(user)}`;
}

async function runProgram(session: Session, command: string, order: Order): Promise<Said> {
  await answer(session, PROMPT, command);
  await answer(session, /password: /, order.password, { secret: true });
  const { before } = await session.expect({ prompt: PROMPT });
  session.send('echo $?');
  const { match } = await session.expect({ status: /^(\d+)\r?$/m });
  const exitCode = Number(match[1]);
  return { said: exitCode === 0 ? 'sent' : 'failed', text: before.trim(), exitCode };
}

export default tinyShell;
