import { causeText, type Language } from '../../harness/cause-texts.ts';
import type { Explained, Explanation } from './explain.ts';
import { nextStep } from './next-steps.ts';

/** For support, in a terminal: meaning, probable causes, what to ask, one run that confirms. */
export function renderExplanations({ explanations, linesRead }: Explained, language: Language): readonly string[] {
  const words = WORDS[language];
  if (explanations.length === 0) return [words.nothing(linesRead), words.instead];
  return explanations.flatMap((e, i) => [...(i === 0 ? [] : ['']), ...renderOne(e, language)]);
}

function renderOne({ line, means, causes, source, devices }: Explanation, language: Language): readonly string[] {
  const words = WORDS[language];
  const [first] = causes;
  const names = devices.slice(0, 5).join(', ') + (devices.length > 5 ? ', …' : '');
  const step = first === undefined ? null : nextStep(first);
  return [
    `„${line.trim()}“`,
    `  ${means[language]}`,
    ...(names === '' ? [] : [`  ${words.shownBy}: ${names}`]),
    ...(causes.length === 0
      ? [`  ${words.noCause}`]
      : [`  ${words.causes}:`, ...causes.map((c) => `    ${causeText(c).customer[language].name} (${c})`)]),
    ...(step === null
      ? []
      : [
          `  ${words.ask}: ${step.ask[language]}`,
          `  ${words.confirm}: ${step.command}`,
          `    ${step.shows[language]}`,
        ]),
    `  ${words.source}: ${source === 'measured' ? words.measured : `${source.title}, ${source.url}`}`,
  ];
}

const WORDS = {
  de: {
    nothing: (lines: number) =>
      `In ${lines === 1 ? 'dieser Zeile' : `${lines} Zeilen`} steht kein Text, den wir kennen.`,
    instead:
      'Suchen Sie das Gerät (npx cutover lookup MODELL), oder fragen Sie nach der Meldung Wort für Wort und nach den Zeilen im Log des Servers zur selben Minute.',
    shownBy: 'Zeigt an',
    noCause: 'Mit der Verschlüsselung hat das nichts zu tun.',
    causes: 'Wahrscheinliche Ursachen',
    ask: 'Fragen Sie',
    confirm: 'Bestätigen mit',
    source: 'Quelle',
    measured: 'aus Logs unserer eigenen Versuche',
  },
  en: {
    nothing: (lines: number) =>
      `${lines === 1 ? 'This line holds' : `These ${lines} lines hold`} no text that we know.`,
    instead:
      'Look for the device (npx cutover lookup MODEL), or ask for the message word for word, and for the lines of the server’s log of the same minute.',
    shownBy: 'Shown by',
    noCause: 'This has nothing to do with encryption.',
    causes: 'Probable causes',
    ask: 'Ask',
    confirm: 'Confirm with',
    source: 'Source',
    measured: 'logs of our own trials',
  },
} as const;
