import { createInterface } from 'node:readline';
import { readPageAssets } from '../check/page-assets.ts';
import { openPageServer } from '../check/page-server.ts';
import { openCheckHost } from '../check/open-host.ts';
import { HarnessFault } from '../faults.ts';
import { checkListenAddress, isPublicAddress } from '../listen-address.ts';
import { readModes } from '../modes/read-mode.ts';
import { PORTS, type Port } from '../vocabulary/trial.ts';
import { openCheckConsole } from './check-console.ts';
import { describeAttempt } from './check-words.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';

interface ServeOptions {
  readonly listen: string;
  readonly public?: boolean;
  readonly host?: string;
  readonly mode: string;
  readonly ports: readonly number[];
  readonly portOffset: number;
  readonly minutes: number;
  readonly pageListen: string;
  readonly pagePort: number;
  readonly page: boolean;
  readonly json?: boolean;
  readonly language: 'de' | 'en';
}

/** `cutover check serve`: serves until it is told to quit; returns the exit code. */
export async function serveChecks(options: ServeOptions): Promise<number> {
  const [mode] = readModes([options.mode]);
  if (mode === undefined) throw new HarnessFault('mode-unknown', `there is no mode ${options.mode}`, { exitCode: 64 });
  checkListenAddress(options.listen, [mode]);
  refusePublic(options);
  const chosen = PORTS.filter((port) => (options.ports.length === 0 ? port !== 25 : options.ports.includes(port)));
  using interrupt = onInterrupt();
  await using host = await openCheckHost({
    mode,
    listen: options.listen,
    ...(options.host === undefined ? {} : { host: options.host }),
    ports: chosen,
    boundPort: (port: Port) => port + options.portOffset,
    describe: describeAttempt,
    limits: { ticketMs: options.minutes * 60_000 },
  });
  await using page = options.page
    ? await openPageServer({
        host,
        assets: await readPageAssets(),
        listen: options.pageListen,
        port: options.pagePort,
      })
    : null;
  using console = openCheckConsole({
    host,
    invite: () => page?.invite() ?? null,
    json: options.json === true,
    language: options.language,
    print: (line) => void process.stdout.write(`${line}\n`),
  });
  console.begin();
  const lines = createInterface({ input: process.stdin });
  interrupt.signal.addEventListener('abort', () => lines.close(), { once: true });
  for await (const line of lines) if (console.obey(line) === 'quit') break;
  lines.close();
  // A console without an input (a service) serves on.
  if (process.stdin.readableEnded && !console.hasQuit && !interrupt.signal.aborted) {
    await new Promise<void>((resolve) => interrupt.signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  return interrupt.signal.aborted ? EXIT.interrupted : EXIT.expected;
}

function refusePublic({ listen, public: isAllowed, pageListen }: ServeOptions): void {
  if (isPublicAddress(listen) && isAllowed !== true) {
    throw new HarnessFault('check-public', `--listen ${listen}: strangers on the internet reach this address`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Read the threat model in harness/check/README.md, then add --public. 0.0.0.0 counts as public.',
    });
  }
  if (isPublicAddress(pageListen)) {
    throw new HarnessFault('check-page-public', `--page-listen ${pageListen}: the agents' page is never public`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Leave it on loopback and reach it through an SSH tunnel: ssh -L 8080:127.0.0.1:PORT.',
    });
  }
}
