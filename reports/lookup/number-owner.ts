import type { SearchEntry } from './create-search.ts';
import { foldText, joinParts } from './search-words.ts';
import { isDigit } from './term-index.ts';

/** Texts in which a number belongs to the words beside it; each with what may be said before it. */
export interface NumberedTexts {
  /** Maker and kind. */
  readonly before: string;
  readonly names: readonly string[];
  readonly systems: readonly string[];
  readonly errors: readonly string[];
}

export function numberedTexts({ vendor, model, aliases, kinds, systems, errors }: SearchEntry): NumberedTexts {
  const plain = (text: string) => joinParts(foldText(text));
  return {
    before: plain([vendor, ...kinds].join(' ')),
    names: [model, ...aliases].map(plain),
    systems: systems.map(plain),
    errors: errors.map(plain),
  };
}

/** "Windows 12" is not who knows Windows here and a 12 there. Codes of errors belong to the whole entry. */
export function belongsTo({ before, names, systems, errors }: NumberedTexts, owner: string, number: string): boolean {
  const [name, digits] = [joinParts(foldText(owner.replaceAll(' ', ''))), foldText(number)];
  // "Brother 7360" is the MFC-7360N: a maker or kind stands before every name.
  if (before.includes(name) && names.some((text) => holdsNumber(text, digits))) return true;
  const all = [...names, ...systems];
  // Misspelt, or known in pieces: nobody can tell.
  if (!before.includes(name) && !all.some((text) => text.includes(name))) return true;
  return (
    all.some((text) => text.includes(name) && holdsNumber(text, digits)) || errors.some((e) => holdsNumber(e, digits))
  );
}

function holdsNumber(text: string, digits: string): boolean {
  for (let at = text.indexOf(digits); at >= 0; at = text.indexOf(digits, at + 1)) {
    if (!isDigit(text[at - 1]) && !isDigit(text[at + digits.length])) return true;
  }
  return false;
}
