import type { Language } from '../harness/cause-texts.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Remedy, Verdict } from '../harness/vocabulary/verdict.ts';

interface Subject {
  readonly device: Device;
  readonly verdict: Verdict;
  /** The same holds of both directions. */
  readonly both: boolean;
  readonly language: Language;
}

type SoftwareRemedy = Exclude<Remedy, 'setting' | 'legacy-host'>;

/** The ways out for an operating system or a program; null: this one is none. The second text of each pair is English. */
export function softwareRemedy(remedy: SoftwareRemedy, subject: Subject): string | null {
  const texts = (subject.device.kind === 'os' ? SYSTEM : PROGRAM)[remedy](subject);
  return texts?.[subject.language === 'de' ? 0 : 1] ?? null;
}

type Pair = readonly [de: string, en: string];
type Texts = Readonly<Record<SoftwareRemedy, (s: Subject) => Pair | null>>;

const SYSTEM: Texts = {
  firmware: (s) => {
    const update = named(s);
    if (update !== null) return update;
    return hasThunderbird(s.device)
      ? [
          'Installieren Sie eine neuere Version des Betriebssystems, oder verwenden Sie ein Mailprogramm mit eigener Verschlüsselung, zum Beispiel Thunderbird.',
          'Install a newer version of the operating system, or use a mail program with encryption of its own, for example Thunderbird.',
        ]
      : [
          'Installieren Sie eine neuere Version des Betriebssystems, wenn es für Ihr Gerät eine gibt.',
          'Install a newer version of the operating system if there is one for your device.',
        ];
  },
  relay: () => null,
  'other-function': (s) => elsewhere(s),
  replace: () => [
    'Verwenden Sie für E-Mails ein Gerät mit einem neueren Betriebssystem.',
    'Use a device with a newer operating system for mail.',
  ],
};

const PROGRAM: Texts = {
  firmware: (s) => {
    const update = named(s);
    if (update !== null) return update;
    // Programs that encrypt with what the system brings: the claim then speaks of one system.
    return s.verdict.os === undefined
      ? ['Installieren Sie eine neuere Version des Programms.', 'Install a newer version of the program.']
      : [
          'Installieren Sie eine neuere Version des Programms oder des Betriebssystems.',
          'Install a newer version of the program or of the operating system.',
        ];
  },
  relay: ({ device, verdict }) => {
    if (device.kind === 'mail-program' || verdict.direction === 'fetch') return null;
    return [
      'Lassen Sie einen anderen Mailserver im eigenen Netz die E-Mails weiterleiten, der verschlüsselt sendet.',
      'Let another mail server in your own network pass the mail on, one that sends with encryption.',
    ];
  },
  'other-function': (s) => (s.device.kind === 'mail-program' ? elsewhere(s) : null),
  replace: ({ device }) =>
    isDesktopProgram(device)
      ? [
          'Wechseln Sie zu einem anderen Mailprogramm mit eigener Verschlüsselung, zum Beispiel Thunderbird.',
          'Change to another mail program with encryption of its own, for example Thunderbird.',
        ]
      : [
          'Wechseln Sie zu einem anderen Programm, das TLS 1.2 oder neuer beherrscht.',
          'Change to another program that can do TLS 1.2 or newer.',
        ],
};

/** The version that works, as the source calls it: "31.5", "PHPMailer 5.2.15". */
function named({ verdict: { update } }: Subject): Pair | null {
  if (update === undefined) return null;
  const number = /^\d/.test(update);
  return [
    `Installieren Sie ${number ? 'Version ' : ''}${update} oder eine neuere${number ? '' : ' Version'}.`,
    `Install ${number ? 'version ' : ''}${update} or ${number ? 'newer' : 'a newer version'}.`,
  ];
}

function elsewhere({ verdict, both }: Subject): Pair {
  if (both) {
    return [
      'Schreiben und lesen Sie E-Mails vorerst auf einem anderen Gerät oder im Webmail.',
      'For the time being, write and read mail on another device or in webmail.',
    ];
  }
  return verdict.direction === 'send'
    ? [
        'Schreiben Sie E-Mails vorerst auf einem anderen Gerät oder im Webmail.',
        'For the time being, write mail on another device or in webmail.',
      ]
    : [
        'Lesen Sie E-Mails vorerst auf einem anderen Gerät oder im Webmail.',
        'For the time being, read mail on another device or in webmail.',
      ];
}

/** Thunderbird brings its own TLS 1.2 to Windows from XP (52.9 ESR) and to macOS from 10.6 (45.9 ESR), not to telephones. */
function hasThunderbird({ id }: Device): boolean {
  return /^(windows-(?!phone)|macos-)/.test(id);
}

function isDesktopProgram({ id, kind }: Device): boolean {
  return kind === 'mail-program' && /^(outlook|windows-|apple-mail)/.test(id);
}
