import { dirname } from 'node:path';
import type { Order, Said } from '../harness/drivers/recipe.ts';
import type { Session } from '../harness/drivers/session.ts';
import { HarnessFault, LabFault } from '../harness/faults.ts';

/**
 * Puts a secret into the shell's variable MAIL_PASSWORD without writing it on a command line, where every program of
 * the device could read it. The session must stand at the prompt of a POSIX shell. HarnessFault `secret-not-typeable`
 * for one with control characters: what follows a line end would be run as a command, and echoed.
 */
export async function readSecret(session: Session, secret: string): Promise<void> {
  if (CONTROL.test(secret)) {
    throw new HarnessFault('secret-not-typeable', 'the password has control characters', {
      advice: 'Look for a line end or a tab in the environment variable that holds it.',
      stage: 'order',
    });
  }
  session.send(`stty -echo; printf 'mail ''secret: '; IFS= read -r MAIL_PASSWORD; stty echo; ${DROP_REPORT}`);
  await session.expect({ question: /mail secret: / });
  session.send(secret, { secret: true });
}

/**
 * At its prompt busybox asks the terminal where its cursor is, and the answer (ESC [ row ; column R) may come when the
 * secret is already read for: then it stands before it. Seen in 1 of 9 logins on a busy machine.
 */
const DROP_REPORT = `export MAIL_PASSWORD="\${MAIL_PASSWORD#"$(printf '\\033')["*[0-9]R}"`;

/** Writes the order's mail to a file of the device: headers, and a body of the ordered size in lines of 72 letters. */
export async function writeMail(session: Session, order: Order, path: string): Promise<void> {
  const headers = [`From: ${order.from}`, `To: ${order.to}`, `Subject: ${order.marker}`, ''];
  const print = `printf '%s\\n' ${headers.map(quote).join(' ')}`;
  const body = `head -c ${order.sizeBytes} /dev/zero | tr '\\0' x | fold -w 72`;
  await writeFile(session, `{ ${print}; ${body}; echo; }`, path);
}

/** A device whose disk is full would send an empty mail, or with old settings: that says nothing of its TLS. */
async function writeFile(session: Session, command: string, path: string): Promise<void> {
  const { output, exitCode } = await session.run(`${command} > ${quote(path)}`);
  if (exitCode === 0) return;
  // Not every shell says why.
  const { output: room } = await session.run(`df ${quote(dirname(path))}`);
  const why = [output.trim(), room.trim()].filter((part) => part !== '').join('\n');
  throw new LabFault('file-not-written', `the device could not write ${path}: ${why.slice(0, 400)}`, {
    stage: 'order',
  });
}

/** Runs a program whose exit code tells whether it is content. `text` is what it printed. */
export async function runProgram(session: Session, command: string): Promise<Said> {
  const { output, exitCode } = await session.run(command);
  return { said: exitCode === 0 ? 'sent' : 'failed', text: output.trim(), exitCode };
}

/** A line of a settings file with the password in it, which is filled in on the device. */
export interface SecretLine {
  readonly before: string;
  readonly after: string;
  /** How the program writes a quote and a backslash between its double quotes: not at all, \" and \\, \x22 and \x5c. */
  readonly escape: 'none' | 'backslash' | 'hex';
}

/**
 * A file of the device from its lines, readable by its owner alone. `after`: a shell word that names a file of the device
 * whose lines come first. HarnessFault `setting-not-typeable`: a value would begin another line of settings.
 */
export async function writeSettings(
  session: Session,
  path: string,
  lines: readonly (string | SecretLine)[],
  after = '/dev/null',
): Promise<void> {
  const print = `printf '%s\\n' ${lines.map(renderLine).join(' ')}`;
  await writeFile(session, `umask 077; { cat ${after}; ${print}; }`, path);
}

/** For one word of a POSIX shell; ordinary words stay as they are, as a person would type them. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** For what stands between double quotes in the settings of programs that read \" and \\ there. */
export function backslash(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}

/** The same for programs that end a word at the first quote, whatever is before it. */
export function hex(text: string): string {
  return text.replaceAll('\\', '\\x5c').replaceAll('"', '\\x22');
}

function renderLine(line: string | SecretLine): string {
  const text = typeof line === 'string' ? line : line.before + line.after;
  if (CONTROL.test(text)) {
    throw new HarnessFault('setting-not-typeable', `a setting has control characters: ${JSON.stringify(text)}`, {
      stage: 'order',
    });
  }
  if (typeof line === 'string') return quote(line);
  // The shell's own printf: what it is given is no program's arguments.
  const filter = SED[line.escape];
  const secret = filter === null ? '"$MAIL_PASSWORD"' : `"$(printf %s "$MAIL_PASSWORD" | sed ${quote(filter)})"`;
  return `${quote(line.before)}${secret}${line.after === '' ? '' : quote(line.after)}`;
}

const SED: { readonly [E in SecretLine['escape']]: string | null } = {
  none: null,
  backslash: String.raw`s/["\\]/\\&/g`,
  hex: String.raw`s/\\/\\x5c/g; s/"/\\x22/g`,
};

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\0-\x1f\x7f]/;
