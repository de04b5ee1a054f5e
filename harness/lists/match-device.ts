import type { Device } from '../vocabulary/device.ts';
import { isEmulated } from '../vocabulary/emulated.ts';
import { lettersApart } from './letters-apart.ts';
import type { Row } from './list-row.ts';
import { foldMaker, type ModelName, nameOf, namesOf, numbersOf, wholeNamesOf } from './model-names.ts';

interface Candidate {
  readonly device: Device;
  /** 0 to 1: how much of the name is the same. 1: all of it, or the row names the id. */
  readonly confidence: number;
  /** The name that it was compared with. */
  readonly name: string;
}

export type Match =
  | (Candidate & { readonly kind: 'matched' })
  /** Likeliest first: one that is not like enough, or several that are. A person has to say which. */
  | { readonly kind: 'unclear'; readonly candidates: readonly Candidate[] }
  /** No such model is known. `family`: an entry about the series or the maker that it belongs to; no match. */
  | { readonly kind: 'new'; readonly family: Device | null }
  /** The row names an id that no device has. */
  | { readonly kind: 'no-such-id'; readonly id: string };

/** Below it a row is not taken for a device unless a person says so. */
const SURE = 0.9;
/** Below it nobody would think of the device. */
const THINKABLE = 0.75;
/** Nearer to each other than this, two candidates are equally likely. */
const LEAD = 0.05;
const SHOWN = 3;

type Named = Pick<Row, 'id' | 'vendor' | 'model' | 'kind'>;
export type FindMatch = (row: Named) => Match;

export interface Matcher {
  readonly find: FindMatch;
  /** An entry about the series or the maker that a model belongs to. */
  readonly findSeries: (row: Pick<Row, 'vendor' | 'model' | 'kind'>) => Device | null;
}

/**
 * Finds the device that a row names. Marks, blanks, case and accents never matter, numbers always do, and a letter or two
 * may be wrong in a long name. An emulated device is only found by exactly its name: none of them stands for a real one.
 * So are those of `exactly`, by id, whose makers have to be named as well.
 */
export function createMatcher(known: readonly Device[], exactly: ReadonlySet<string> = new Set()): Matcher {
  const byId = new Map(known.map((d) => [d.id, d]));
  const named: Known[] = known
    .filter(({ id }) => !exactly.has(id))
    .flatMap((device) => knownAs(device, namesOf(device)));
  const whole: Known[] = known
    .filter(({ id }) => exactly.has(id))
    .flatMap((device) => knownAs(device, wholeNamesOf(device)));
  const byFull = Map.groupBy(named, ({ name }) => name.full);
  const byModel = Map.groupBy(named, ({ name }) => name.model);
  const byPair = Map.groupBy(whole, ({ name }) => name.pair);
  const real = named.filter(({ device }) => !isEmulated(device));
  const byNumbers = Map.groupBy(real, ({ name }) => numbersOf(name.full));
  const series = real.filter(isSeries);
  const done = new Map<string, Match>();

  const findSeries: Matcher['findSeries'] = ({ vendor, model, kind }) => {
    const name = nameOf(vendor, model);
    const maker = foldMaker(vendor);
    const families = series
      .filter((one) => belongsTo(name, maker, one))
      // Whoever makes printers makes other things as well.
      .filter(({ name: { full, model: own }, device: d }) => (full !== maker && own !== maker) || d.kind === kind)
      .toSorted((a, b) => b.name.full.length - a.name.full.length);
    return families[0]?.device ?? null;
  };
  const search: FindMatch = (row) => {
    const { id, vendor, model } = row;
    const device = byId.get(id);
    if (device !== undefined) return { kind: 'matched', device, confidence: 1, name: id };
    if (id !== '') return { kind: 'no-such-id', id };
    const name = nameOf(vendor, model);
    const same = [
      ...(vendor === '' ? [] : (byPair.get(name.pair) ?? [])),
      ...(byFull.get(name.full) ?? []),
      // Another maker's name for it is one of its names.
      ...(byModel.get(name.full) ?? []),
      // A list without a column for makers, or with the maker in another word.
      ...(vendor === '' ? (byModel.get(name.model) ?? []) : (byFull.get(name.model) ?? [])),
    ];
    if (name.full !== '' && same.length > 0) return decide(same.map((one) => candidateOf(one, 1)));
    const numbers = numbersOf(name.full);
    const near = (byNumbers.get(numbers) ?? []).flatMap((one) => {
      const byOwn = likenessOf(name.model, one.name.model);
      // A long maker's name must not make up for what is different in a short model's.
      const confidence = vendor === '' ? byOwn : Math.min(byOwn, likenessOf(name.full, one.name.full));
      const needed = numbers === '' ? SURE : THINKABLE;
      return confidence >= needed ? [candidateOf(one, confidence)] : [];
    });
    if (near.length > 0) return decide(near);
    return { kind: 'new', family: findSeries(row) };
  };
  const find: FindMatch = (row) => {
    const key = JSON.stringify([row.id, row.vendor, row.model, row.kind]);
    const found = done.get(key) ?? search(row);
    done.set(key, found);
    return found;
  };
  return { find, findSeries };
}

interface Known {
  readonly device: Device;
  /** Folded: folding it for each row would take longer than all the rest. */
  readonly maker: string;
  readonly name: ModelName;
}

function knownAs(device: Device, names: readonly ModelName[]): readonly Known[] {
  const maker = foldMaker(device.vendor);
  return names.map((name) => ({ device, maker, name }));
}

function candidateOf({ device, name }: Known, confidence: number): Candidate {
  return { device, confidence, name: name.shown };
}

function decide(found: readonly Candidate[]): Match {
  const sorted = found.toSorted((a, b) => b.confidence - a.confidence);
  const best = sorted.filter(({ device }, i) => sorted.findIndex((c) => c.device.id === device.id) === i);
  const [first, second] = best;
  if (first === undefined) return { kind: 'new', family: null };
  const isAlone = second === undefined || first.confidence - second.confidence >= LEAD;
  if (first.confidence >= SURE && isAlone) return { kind: 'matched', ...first };
  return { kind: 'unclear', candidates: best.slice(0, SHOWN) };
}

/** 1: the same; 0: nothing in common. */
function likenessOf(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  // Not worth counting: half of the letters would have to be put in.
  if (longer === 0 || Math.abs(a.length - b.length) > longer / 2) return 0;
  return 1 - lettersApart(a, b) / longer;
}

/** Entries about many models go by names without a number, as "Kyocera TASKalfa". */
const SHORTEST_SERIES = 4;

function isSeries({ name: { full, model }, maker, device: { kind } }: Known): boolean {
  if (kind === 'os' || kind === 'mail-program' || /\d/.test(full)) return false;
  return model.length >= SHORTEST_SERIES || full.length >= SHORTEST_SERIES || full === maker;
}

function belongsTo(row: ModelName, maker: string, { name, maker: known }: Known): boolean {
  if (row.full !== name.full && row.full.startsWith(name.full)) return true;
  if (maker !== '' && name.model === maker) return true;
  const isOfMaker = maker === '' || maker.startsWith(known) || known.startsWith(maker);
  return isOfMaker && name.model.length >= SHORTEST_SERIES && row.model.startsWith(name.model);
}
