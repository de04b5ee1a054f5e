import type { Order, Said } from '../harness/drivers/recipe.ts';
import type { Session } from '../harness/drivers/session.ts';

/**
 * Puts a secret into the shell's variable MAIL_PASSWORD without writing it on a command line, where every program of
 * the device could read it. The session must stand at the prompt of a POSIX shell.
 */
export async function readSecret(session: Session, secret: string): Promise<void> {
  session.send(`stty -echo; printf 'mail ''secret: '; IFS= read -r MAIL_PASSWORD; stty echo; export MAIL_PASSWORD`);
  await session.expect({ question: /mail secret: / });
  session.send(secret, { secret: true });
}

/** Writes the order's mail to a file of the device: headers, and a body of the ordered size in lines of 72 letters. */
export async function writeMail(session: Session, order: Order, path: string): Promise<void> {
  const headers = [`From: ${order.from}`, `To: ${order.to}`, `Subject: ${order.marker}`, ''];
  const print = headers.map((line) => `echo ${quote(line)}`).join('; ');
  const body = `head -c ${order.sizeBytes} /dev/zero | tr '\\0' x | fold -w 72`;
  await session.run(`{ ${print}; ${body}; echo; } > ${quote(path)}`);
}

/** Runs a program whose exit code tells whether it is content. `text` is what it printed. */
export async function runProgram(session: Session, command: string): Promise<Said> {
  const { output, exitCode } = await session.run(command);
  return { said: exitCode === 0 ? 'sent' : 'failed', text: output.trim(), exitCode };
}

/**
 * A file of the device from its lines, readable by its owner alone. `$MAIL_PASSWORD` in a line is filled in there;
 * `after`: a shell word that names a file of the device whose lines come first.
 */
export async function writeSettings(
  session: Session,
  path: string,
  lines: readonly string[],
  after = '/dev/null',
): Promise<void> {
  const print = lines.map((line) => `echo ${quoteAround(line)}`).join('; ');
  await session.run(`umask 077; { cat ${after}; ${print}; } > ${quote(path)}`);
}

/** For one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoteAround(line: string): string {
  return line.split('$MAIL_PASSWORD').map(quote).join('"$MAIL_PASSWORD"');
}
