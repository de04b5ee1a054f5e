import type { Device } from '../vocabulary/device.ts';

/** A name under which a device is listed, folded for comparing. */
export interface ModelName {
  /** Maker and model as one word: `brothermfc8860dn`. */
  readonly full: string;
  /** Without the maker: `mfc8860dn`. */
  readonly model: string;
  /** Maker and model apart: whoever makes "AB" and calls a model "C" is not who makes "A" and calls one "BC". */
  readonly pair: string;
  /** As it is written. */
  readonly shown: string;
}

/** Every name of a device: its model, the models that one entry stands for, and what else it is called. */
export function namesOf({ vendor, model, modelEn, aliases }: Device): readonly ModelName[] {
  const whole = [model, ...(modelEn === undefined ? [] : [modelEn]), ...aliases];
  const shown = new Set([...whole, ...whole.flatMap(partsOf)]);
  return [...shown].map((name) => nameOf(vendor, name));
}

/** The names of a device as they are written, none of them taken apart. */
export function wholeNamesOf({ vendor, model, aliases }: Device): readonly ModelName[] {
  return [model, ...aliases].map((name) => nameOf(vendor, name));
}

/** A maker and a model as one name; a model that begins with the maker does not repeat it. */
export function nameOf(vendor: string, model: string): ModelName {
  const maker = foldMaker(vendor);
  const whole = foldName(model);
  const own = maker !== '' && whole !== maker && whole.startsWith(maker) ? whole.slice(maker.length) : whole;
  return { full: own === maker ? maker : maker + own, model: own, pair: `${maker} ${own}`, shown: model };
}

/**
 * Letters and digits only, in small letters without accents; a plus after a name stays, because it tells models apart
 * (`ineo 3351` prints black, `ineo+ 3351` in colour). Umlauts fold to what people type without them.
 */
function foldName(text: string): string {
  const folded = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/(?<=[\p{L}\p{N}])\+/gu, ' plus ')
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
  // A name of signs only is still a name.
  return folded === '' ? text.replaceAll(/\s+/g, '') : folded;
}

/** A maker without its legal form and country: "Brother International GmbH" is Brother to everybody. */
export function foldMaker(vendor: string): string {
  return foldName(vendor.replaceAll(LEGAL, ' ')) || foldName(vendor);
}

const LEGAL =
  /(?<![\p{L}\p{N}])(?:gmbh|ag|kg|co|inc|ltd|llc|corp|corporation|company|international|deutschland|germany|europe)(?![\p{L}\p{N}])/giu;

/** The numbers of a name: two models with other numbers are two models, however alike their letters are. */
export function numbersOf(name: string): string {
  return (name.match(/\d+/g) ?? []).join(' ');
}

/** `bizhub C258/C308, 758` stands for bizhub C258, bizhub C308 and bizhub 758. */
function partsOf(model: string): readonly string[] {
  const parts = model.split(/\s*[,/]\s*/).filter((part) => part !== '');
  const [first = '', ...others] = parts;
  if (others.length === 0) return [];
  const series = first.split(/\s+/).slice(0, -1).join(' ');
  return parts.flatMap((part) => (series === '' || part.startsWith(series) ? [part] : [part, `${series} ${part}`]));
}
