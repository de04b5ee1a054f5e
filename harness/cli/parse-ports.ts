import { InvalidArgumentError } from 'commander';
import { PORTS, type Port } from '../vocabulary/trial.ts';

/** Mail ports, as an option gathers them one after the other. Throws InvalidArgumentError. */
export function collectPorts(text: string, before: readonly Port[] | undefined): readonly Port[] {
  return [...(before ?? []), parsePort(text)];
}

/** `2525=587`: port 2525 stands for 587, gathered like the above. Throws InvalidArgumentError. */
export function collectPortMeanings(
  text: string,
  before: ReadonlyMap<number, Port> | undefined,
): ReadonlyMap<number, Port> {
  const [, port, as] = /^(\d{1,5})=(\d+)$/.exec(text) ?? [];
  if (port === undefined || as === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new InvalidArgumentError('It is a port and the mail port that it stands for, like 2525=587.');
  return new Map([...(before ?? []), [Number(port), parsePort(as)]]);
}

function parsePort(text: string): Port {
  const port = PORTS.find((one) => String(one) === text);
  if (port === undefined) throw new InvalidArgumentError(`It is one of ${PORTS.join(', ')}.`);
  return port;
}
