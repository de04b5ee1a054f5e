import type { Run } from '../harness/vocabulary/run.ts';
import type { Direction } from '../harness/vocabulary/trial.ts';
import type { EngineName } from '../harness/vocabulary/verdict.ts';

/** A peculiarity of a server's software, as its proof saw it: a fact that explains answers, no fault of a device. */
export interface ServerTrait {
  readonly engine: EngineName;
  /** Modes whose servers showed it. */
  readonly modes: readonly string[];
  /** Empty: the proof names none. */
  readonly ports: readonly number[];
  /** A sentence, in English, as `run.json` holds it. */
  readonly text: string;
}

/** Each trait once, from the newest proof of each engine and mode. Runs are oldest first. */
export function serverTraits(runs: readonly Run[]): readonly ServerTrait[] {
  const newest = new Map(
    // A comparison of refusal styles proves variants of a mode, and its answers are not shown here.
    runs
      .filter((run) => run.watch === undefined)
      .flatMap(({ engine, proofs }) =>
        proofs.map((p) => [`${engine} ${p.mode}`, { engine, mode: p.mode, said: p.peculiarities ?? [] }] as const),
      ),
  );
  const seen = [...newest.values()].flatMap(({ engine, mode, said }) => said.map((text) => ({ engine, mode, text })));
  return [...Map.groupBy(seen, ({ engine, text }) => `${engine} ${text}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ engine: first.engine, modes: same.map(({ mode }) => mode), ...readPorts(first.text) }];
  });
}

/** `containers, strict, port 587, 25, 465: Postfix …` */
export function renderTrait({ engine, modes, ports, text }: ServerTrait): string {
  const where = ports.length === 0 ? [] : [`port ${ports.join(', ')}`];
  return `${[engine, ...modes, ...where].join(', ')}: ${text}`;
}

/** Whether the trait says something about what a device met that sends or fetches. */
export function concernsDirection({ ports }: ServerTrait, direction: Direction): boolean {
  if (ports.length === 0) return true;
  return ports.some((port) => SENDING.has(port) === (direction === 'send'));
}

const SENDING: ReadonlySet<number> = new Set([25, 465, 587]);

/** A proof's sentence begins with the ports that showed it. */
function readPorts(sentence: string): Pick<ServerTrait, 'ports' | 'text'> {
  const [, ports = '', text = sentence] = /^Ports? ([\d, ]+): (.*)$/s.exec(sentence) ?? [];
  return { ports: ports.split(',').filter(Boolean).map(Number), text };
}
