import { isIPv6 } from 'node:net';
import type { ListedDevice } from '../../attend/desk/render-view.ts';
import { hostsLed, hostsToldTo, leadByNames } from '../../attend/lead-by-names.ts';
import { HarnessFault } from '../../faults.ts';
import type { Led } from '../../names/instructions.ts';
import { type Names, openNames } from '../../names/open-names.ts';
import { serveProviderChain } from '../../names/provider-chain.ts';
import type { Mode } from '../../vocabulary/mode.ts';

export interface NamesOptions {
  /** Port of the name server, 0: any; `elsewhere`: a router or hosts files lead the names here. */
  readonly names?: number | 'elsewhere';
  readonly certificateChain?: string;
  readonly certificateKey?: string;
}

export interface LedRun {
  readonly devices: readonly ListedDevice[];
  readonly modes: readonly Mode[];
}

/**
 * Devices that are told the provider's host names, and modes that show its chain, as the options ask. Says on stderr
 * what is unwise. Throws HarnessFault `certificate-options` for options that do not fit together, and what
 * `serveProviderChain` throws.
 */
export function planNames(options: NamesOptions, { devices, modes }: LedRun): LedRun {
  const { names, certificateChain: chain, certificateKey: key } = options;
  const led = names === undefined ? devices : devices.map((d) => ({ ...d, device: leadByNames(d.device) }));
  if (chain === undefined && key === undefined) return { devices: led, modes };
  if (chain === undefined || key === undefined)
    throw wrongOptions('--certificate-chain and --certificate-key belong together', 'Give both, or neither.');
  if (names === undefined)
    throw wrongOptions(
      'with the provider’s own certificate devices must dial its host names, and they are told an address',
      'Add --names, which answers these names here, or --names elsewhere where your router or hosts files do.',
    );
  return { devices: led, modes: withChain({ devices: led, modes }, chain, key) };
}

/** A run that goes on shows the chain that it showed: if that is gone or over by now, it is said before anything starts. */
export function checkChainAgain({ devices, modes }: LedRun): void {
  const shown = modes.find(({ certificate }) => 'files' in certificate)?.certificate;
  if (shown !== undefined && 'files' in shown) withChain({ devices, modes }, shown.files.chain, shown.files.key);
}

/** What people are told, and the name server that makes it true. Disposing it stops that. */
export async function startNames(
  { devices, modes }: LedRun,
  { names, listen }: { readonly names: number | 'elsewhere'; readonly listen: string },
  onLed: (led: { readonly host: string; readonly from: string }) => void,
): Promise<Led & AsyncDisposable> {
  const all = devices.map((d) => d.device);
  const hosts = hostsLed(all, modes);
  const zone = { hosts, ...(isIPv6(listen) ? { address6: listen } : { address: listen }) };
  const server: Names | null = names === 'elsewhere' ? null : await openNames({ ...zone, listen, port: names, onLed });
  return {
    hosts: hostsToldTo(all, modes),
    address: listen,
    nameServer: server?.address ?? null,
    [Symbol.asyncDispose]: async () => server?.[Symbol.asyncDispose](),
  };
}

function withChain({ devices, modes }: LedRun, chain: string, key: string): readonly Mode[] {
  const hosts = hostsToldTo(
    devices.map((d) => d.device),
    modes,
  );
  const served = serveProviderChain(modes, { chain, key, hosts });
  for (const warning of served.warnings) console.error(`cutover: ${warning}`);
  return served.modes;
}

function wrongOptions(what: string, advice: string): HarnessFault {
  return new HarnessFault('certificate-options', what, { exitCode: 64, stage: 'configuration', advice });
}
