import { HarnessFault } from '../faults.ts';
import type { ContainerNetwork, NetworkOptions } from './contract.ts';
import { ask, askGone, type Engine, leaveToLab } from './engine.ts';
import type { Labels } from './labels.ts';
import { removeContainers, removeNetwork } from './sweep.ts';

/** A network whose addresses are given out here, so that a container that is started again keeps its own. */
export interface OpenNetwork extends ContainerNetwork {
  /** Of the engine, unlike the name for people. */
  readonly engineName: string;
  takeAddress(): string;
  freeAddress(address: string): void;
}

/** Another program may take the subnet between learning and using it. */
const TRIES = 5;

/** Creates a bridge. The engine chooses a subnet that is free on this host. */
export async function openNetwork(
  engine: Engine,
  labels: Labels,
  prefix: string,
  options: NetworkOptions,
): Promise<OpenNetwork> {
  const engineName = `${prefix}-${options.name}`;
  const create = (ipam: object) =>
    engine.createNetwork({
      Name: engineName,
      Driver: 'bridge',
      Internal: options.wayOut !== true,
      CheckDuplicate: true,
      Labels: { ...labels },
      Options: { 'com.docker.network.bridge.enable_icc': String(options.neighbours) },
      ...ipam,
    });
  const doing = `creating the network ${options.name}`;
  for (let tries = 1; ; tries += 1) {
    // An address of one's own needs a subnet of one's own (moby: "user configured subnets"): learn a free one, then ask
    // for just that.
    const learnt = await ask(doing, create({}));
    const subnet = parseSubnet(await ask(doing, learnt.inspect()));
    await askGone(doing, learnt.remove());
    try {
      const network = await create({
        IPAM: {
          Driver: 'default',
          Config: [
            {
              Subnet: subnet.cidr,
              Gateway: subnet.gateway,
              // Engines before 27 give containers of an internal network a default route to this host all the same, and
              // with it all of this host's addresses. Here it leads to nobody.
              ...(options.wayOut === true ? {} : { AuxiliaryAddresses: { DefaultGatewayIPv4: nobodyOf(subnet) } }),
            },
          ],
        },
      });
      const remove = async (): Promise<void> => {
        // A network in use cannot go.
        await removeContainers(
          engine,
          { network: [engineName] },
          () => true,
          () => {},
        );
        await removeNetwork(`removing the network ${options.name}`, network);
      };
      return renderNetwork(options.name, engineName, subnet, () => leaveToLab(remove()));
    } catch (cause) {
      if (tries === TRIES || !(cause instanceof Error) || !/overlaps/.test(cause.message))
        await ask(doing, Promise.reject(cause));
    }
  }
}

interface Subnet {
  readonly cidr: string;
  readonly gateway: string;
}

function renderNetwork(
  name: string,
  engineName: string,
  { cidr, gateway }: Subnet,
  remove: () => Promise<void>,
): OpenNetwork {
  const { first, size } = parseCidr(cidr);
  // Without the network's own address, broadcast and nobody's; more than 250 containers are no lab.
  const count = Math.min(size - 3, 250);
  const taken = new Set([gateway]);
  return {
    name,
    engineName,
    gateway,
    takeAddress() {
      for (let i = 1; i <= count; i += 1) {
        const address = renderAddress(first + i);
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
      throw new HarnessFault('no-address', `the network ${name} (${cidr}) has no address left`, {
        advice: 'Run fewer devices at a time.',
      });
    },
    freeAddress: (address) => void taken.delete(address),
    [Symbol.asyncDispose]: remove,
  };
}

/** The last address before broadcast, which no container gets. */
function nobodyOf({ cidr }: Subnet): string {
  const { first, size } = parseCidr(cidr);
  return renderAddress(first + size - 2);
}

function parseCidr(cidr: string): { readonly first: number; readonly size: number } {
  const [base = '', bits = ''] = cidr.split('/');
  return { first: base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), size: 2 ** (32 - Number(bits)) };
}

function parseSubnet(inspected: unknown): Subnet {
  const text = JSON.stringify(inspected);
  const [, cidr] = /"Subnet":"(\d+\.\d+\.\d+\.\d+\/\d+)"/.exec(text) ?? [];
  const [, gateway] = /"Gateway":"(\d+\.\d+\.\d+\.\d+)"/.exec(text) ?? [];
  if (cidr !== undefined && gateway !== undefined) return { cidr, gateway };
  throw new HarnessFault('engine-refused', 'the container engine gave a network without an IPv4 subnet and gateway', {
    advice: 'Its default address pools must hold IPv4 subnets (daemon.json, default-address-pools).',
  });
}

function renderAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
