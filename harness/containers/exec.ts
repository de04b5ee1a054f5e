import { ask, type Engine } from './engine.ts';
import { createLogReader } from './log-lines.ts';

/** More output than this is cut: a program in a container may write without an end. */
const MOST_BYTES = 1 << 20;

/** Runs a program in a running container. The output holds both streams, line by line. */
export async function execIn(
  container: ReturnType<Engine['getContainer']>,
  name: string,
  argv: readonly string[],
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const doing = `running ${argv[0] ?? 'nothing'} in ${name}`;
  const exec = await ask(doing, container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true }));
  const stream = await ask(doing, exec.start({}));
  let output = '';
  const reader = createLogReader((line) => {
    if (output.length < MOST_BYTES) output += `${line}\n`;
  });
  await ask(
    doing,
    new Promise<void>((resolve, reject) => {
      stream.on('data', (chunk: Buffer) => reader.push(chunk));
      stream.on('error', reject);
      stream.on('close', resolve);
      stream.on('end', resolve);
    }),
    Infinity,
  );
  reader.end();
  const { ExitCode } = await ask(doing, exec.inspect());
  return { exitCode: ExitCode ?? -1, output };
}
