/** Words of a text: blanks part them. */
export function splitWords(text: string): readonly string[] {
  return text.split(/[\s"'„“”‚‘’«»?]+/).filter((word) => splitAtMarks(word).length > 0);
}

/** Pieces of a word between marks: "FRITZ!Box" is FRITZ and Box. */
export function splitAtMarks(word: string): readonly string[] {
  return word.split(MARKS).filter((part) => part !== '');
}

/** "mfc7360n" is mfc, 7360, n. */
export function splitAtDigits(word: string): readonly string[] {
  return word.match(/\d+|[^\d]+/g) ?? [];
}

export function joinParts(word: string): string {
  return splitAtMarks(word).join('');
}

const MARKS = /[_.\-/\\,;:()[\]{}!+&*#|<>=@®™°–—…]+/;

/** NFKD takes ü apart and full-width letters back; ß is not a letter with a mark, so it is spelt out. */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  // Most names are ASCII, and need none of this.
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(lower)) return lower;
  return lower.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}

/** Said around a device without telling which: an entry that lacks the word is not worse for it. */
export function isFiller(word: string): boolean {
  return FILLERS.has(joinParts(foldText(word)));
}

const FILLERS: ReadonlySet<string> = new Set(
  `aber alle alt alte alter altes am an and auf aus bei beim bekomme bekommt bricht can das dem den der des device die
  ein eine einem einen einer email emails empfangen empfaengt empfangt ende er error es fehler fehlercode fehlermeldung
  fetch for fur fuer funktioniert geht gerat geraet gibt hat holt ich ihr im immer in is ist it kann kaputt kein keine
  keinen kommt konto kunde lost mail mails mehr mein meine meinem meinen meiner meldet meldung message mit my nachricht
  nicht no not noch nur of old on seit selbst send sendet senden sends schickt schicken sich sie so soll stops the to
  uber ueber und unser unsere unter verbindung verschicken verschickt versenden vom von war was weiter wenn wer wie wir
  with works working wird won wont zeigt zu zum zur abrufen ruft ab bit 32 64 pro professional home edition version`.split(
    /\s+/,
  ),
);
