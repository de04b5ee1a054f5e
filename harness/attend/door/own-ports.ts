import { HarnessFault, LabFault } from '../../faults.ts';
import { type Endpoint, ENDPOINTS, type Port } from '../../vocabulary/trial.ts';
import { bindFree, bindKept } from '../bind-port.ts';
import type { OwnPorts } from './contract.ts';
import type { Listener } from './listen-on.ts';

/** Ports that one device alone dials, each bound when it is first asked for. */
export interface OwnPortBook {
  open(device: string, port: Port): Promise<number>;
  /** The one that is open; undefined: none is. */
  find(device: string, port: Port): Promise<number> | undefined;
  bound(): OwnPorts;
}

/** @param before those of before a restart: what was entered into devices stays right. */
export function openOwnPorts(
  listen: (endpoint: Endpoint, port: number, device: string) => Promise<Listener>,
  before: OwnPorts,
): OwnPortBook {
  const asked = new Map<string, Promise<number>>();
  const bound = new Map<string, Partial<Record<Port, number>>>(
    Object.entries(before).map(([device, ports]) => [device, { ...ports }]),
  );
  const bind = async (device: string, port: Port): Promise<number> => {
    const endpoint = ENDPOINTS.find((candidate) => candidate.port === port);
    if (endpoint === undefined) throw new HarnessFault('unknown-port', `no listener on port ${port}`);
    const listener = await bindAgain(endpoint, before[device]?.[port] ?? 0, device);
    bound.set(device, { ...bound.get(device), [port]: listener.port });
    return listener.port;
  };
  /** Another program may have taken it meanwhile: then there is another number to enter, and the page says so. */
  const bindAgain = async (endpoint: Endpoint, port: number, device: string): Promise<Listener> => {
    const bindIt = (wanted: number) => listen(endpoint, wanted, device);
    if (port === 0) return bindFree(bindIt);
    try {
      return await bindKept(port, bindIt);
    } catch (fault) {
      if (!(fault instanceof LabFault)) throw fault;
      return bindFree(bindIt);
    }
  };
  return {
    open(device, port) {
      const key = `${device} ${port}`;
      const opening = asked.get(key) ?? bind(device, port);
      asked.set(key, opening);
      return opening;
    },
    find: (device, port) => asked.get(`${device} ${port}`),
    bound: () => Object.fromEntries(bound),
  };
}
