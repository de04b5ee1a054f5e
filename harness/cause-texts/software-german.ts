import type { CustomerText } from '../cause-texts.ts';
import type { Cause } from '../vocabulary/finding.ts';
import type { Software } from './software.ts';

type Texts = Partial<Record<Cause, Partial<CustomerText>>>;

/** Where the sentences about devices are wrong for software: it has no firmware, and its settings are somewhere else. */
export const SOFTWARE_GERMAN: Readonly<Record<Software, Readonly<Texts>>> = {
  program: textsFor({ noun: 'Programm', where: 'im Programm', full: 'Programms' }),
  // An operating system only encrypts: servers and passwords are entered in a mail program.
  system: textsFor({ noun: 'System', where: 'im Mailprogramm', full: 'Betriebssystems' }),
};

interface Words {
  /** Both are neuter. */
  readonly noun: 'Programm' | 'System';
  readonly where: string;
  /** In the genitive: what there is a newer version of. */
  readonly full: string;
}

function textsFor({ noun, where, full }: Words): Texts {
  const update = `Installieren Sie eine neuere Version des ${full}.`;
  return {
    'version-too-old': {
      what: `Das ${noun} verschlüsselt nur mit veralteten TLS-Versionen (1.0 und 1.1 oder noch älter). Der Server nimmt solche Verbindungen nicht an.`,
      todo: update,
    },
    'no-shared-cipher': {
      name: `Das ${noun} beherrscht kein Verschlüsselungsverfahren, das unser Server annimmt`,
      what: `Das ${noun} beherrscht kein Verschlüsselungsverfahren, das unser Server annimmt. Die Verbindung kommt nicht zustande.`,
      why: `Das ${noun} bietet nur alte Verfahren an, die heute als unsicher gelten.`,
      todo: update,
    },
    'no-shared-group': {
      name: `Das ${noun} beherrscht kein Verfahren zum Schlüsselaustausch, das unser Server annimmt`,
      what: `Zu Beginn jeder Verbindung vereinbaren ${noun} und Server einen Schlüssel. Das ${noun} beherrscht dafür kein Verfahren, das unser Server annimmt.`,
      why: `Das ${noun} kennt nur ältere oder seltene Verfahren.`,
      todo: update,
    },
    'no-shared-signature': {
      name: `Das ${noun} beherrscht kein Verfahren, mit dem sich unser Server ausweist`,
      what: `Unser Server muss sich gegenüber dem ${noun} ausweisen. Das ${noun} versteht dafür nur ein veraltetes Verfahren (Unterschrift mit SHA-1).`,
      why: `Das ${noun} kennt zwar TLS 1.2, aber nicht die digitalen Unterschriften, die heute üblich sind.`,
      todo: update,
    },
    'certificate-untrusted': {
      name: `${noun} erkennt das Zertifikat nicht an`,
      what: `Das ${noun} erkennt das Zertifikat des Servers nicht an und bricht die Verbindung ab.`,
      why: `In der Liste des ${noun}s fehlt die Stelle, die das Zertifikat ausgestellt hat. Bei älteren ${noun}en ist diese Liste oft nicht mehr aktuell.`,
      todo: `${update} Manchmal lässt sich ein Zertifikat auch von Hand hinzufügen: Der Support nennt Ihnen das passende.`,
    },
    'certificate-dates': {
      name: 'Datum und Uhrzeit prüfen',
      what: `Das ${noun} hält das Zertifikat des Servers für abgelaufen oder für noch nicht gültig.`,
      why: 'Meist geht die Uhr des Computers oder Telefons falsch.',
      todo: 'Prüfen Sie Datum und Uhrzeit am Computer oder Telefon. Am besten lassen Sie die Uhr automatisch über das Internet stellen.',
    },
    'certificate-name': {
      what: `Der Servername, der ${where} eingetragen ist, steht nicht im Zertifikat des Servers.`,
    },
    'certificate-key': {
      name: `${noun} versteht das Zertifikat nicht`,
      what: `Das ${noun} kann die Art des Schlüssels im Zertifikat des Servers nicht verarbeiten.`,
      why: `Das ${noun} kennt nur ältere Arten von Zertifikaten.`,
      todo: update,
    },
    'plaintext-only': {
      what: `Das ${noun} verbindet sich unverschlüsselt. Der Server nimmt nur noch verschlüsselte Verbindungen an.`,
      why: `Es ist ${where} keine Verschlüsselung eingestellt, oder das ${noun} beherrscht keine.`,
      todo: `Stellen Sie ${where} „SSL/TLS“ oder „STARTTLS“ ein. Fehlt diese Auswahl, installieren Sie eine neuere Version des ${full}.`,
    },
    'plaintext-fallback': {
      name: `${noun} weicht auf unverschlüsselt aus`,
      what: `Das ${noun} versucht zuerst, verschlüsselt zu senden. Gelingt das nicht, versucht es dasselbe unverschlüsselt, ohne Sie zu fragen.`,
    },
    'wrong-tls-mode': {
      what: `Das ${noun} beginnt die Verschlüsselung anders, als der Server es an diesem Port erwartet.`,
      why: `Port und Art der Verschlüsselung gehören zusammen. Es ist ${where} eine Mischung eingestellt.`,
    },
    'auth-missing': {
      what: `Das ${noun} meldet sich nicht am Postausgangsserver an. Ohne Anmeldung nimmt der Server keine E-Mails an.`,
      why: `Es sind ${where} keine Zugangsdaten eingetragen, oder das ${noun} kann sich zum Senden nicht anmelden.`,
    },
    'auth-mechanism': {
      what: `Das ${noun} meldet sich auf eine Art an, die der Server nicht anbietet.`,
      why: `Ältere ${noun}e kennen nur Anmeldungen wie CRAM-MD5.`,
      todo: `Stellen Sie die Anmeldung ${where} auf „PLAIN“, „LOGIN“ oder „normales Passwort“, zusammen mit „SSL/TLS“ oder „STARTTLS“.`,
    },
    'auth-rejected': {
      why: `Die Zugangsdaten stimmen nicht, oder das ${noun} schneidet ein langes Passwort ab.`,
      todo: `Geben Sie die Zugangsdaten neu ein. Schneidet das ${noun} lange Passwörter ab, geben Sie dem Postfach ein kürzeres Passwort.`,
    },
    'mail-refused': {
      todo: 'Tragen Sie als Absender die Adresse des Postfachs ein. Verkleinern Sie große Anhänge.',
    },
    'mail-lost': {
      what: `Das ${noun} verbindet sich und meldet sich an. Trotzdem kommt keine E-Mail an.`,
      why: `Das ${noun} bricht die Übertragung ab. Es zeigt den Fehler womöglich nicht an.`,
      todo: `Senden Sie eine kurze Testnachricht. Starten Sie das ${noun} neu. ${update}`,
    },
    banned: {
      why: `Ein Programm oder Gerät hat sich zu oft vergeblich angemeldet. Unsere Server sperren die Internetadresse Ihres Anschlusses dann für einige Zeit.`,
    },
    intercepted: {
      name: `Etwas zwischen ${noun} und Server verändert die Verbindung`,
      what: `Auf dem Weg vom ${noun} zu unserem Server wird die Verbindung verändert. Deshalb kommt keine sichere Verschlüsselung zustande.`,
      why: `Meist prüft eine Firewall, ein Router oder ein Virenscanner die E-Mails. Am ${noun} selbst liegt es nicht.`,
      todo: `Stellen Sie ${where} „SSL/TLS“ ein: zum Senden mit Port 465, zum Abrufen mit Port 993 (IMAP) oder 995 (POP3). Hilft das nicht, schalten Sie die Prüfung von E-Mails in Firewall, Router oder Virenscanner probeweise aus.`,
    },
    'connection-dropped': {
      what: `Das ${noun} oder der Server beendet die Verbindung, ohne einen Grund zu nennen.`,
      todo: `Prüfen Sie Servername und Port ${where} sowie Datum und Uhrzeit. ${update}`,
    },
    'not-testable': {
      why: `Das ${noun} verwendet ein so altes Verfahren, dass die Testserver es nicht mehr beherrschen.`,
    },
    'not-in-this-lab': {
      name: `${noun} nicht im Testlabor`,
      what: `Dieses ${noun} stand für die Prüfung nicht bereit.`,
      todo: `Prüfen Sie die Einstellungen ${where} selbst. Der Support hilft Ihnen dabei.`,
    },
    'not-applicable': {
      what: `Das ${noun} hat diese Funktion nicht.`,
      why: `Die Prüfung passt nicht zu diesem ${noun}.`,
    },
    'never-connected': {
      what: `Das ${noun} hat sich während der Prüfung nicht mit dem Server verbunden. Das sagt nichts darüber, ob es geeignet ist.`,
      todo: `Prüfen Sie Servername und Port. Starten Sie das ${noun} nach einer Änderung neu und versuchen Sie es noch einmal.`,
    },
    'device-trouble': {
      name: `${noun} reagiert nicht`,
      what: `Das ${noun} hat während der Prüfung nicht mehr richtig reagiert. Ein Ergebnis gibt es deshalb nicht.`,
      why: `Das ${noun} hing, war nicht erreichbar oder meldete nur Fehler.`,
      todo: `Starten Sie das ${noun} neu. Fragen Sie danach den Support.`,
    },
    'server-trouble': { why: `Der Fehler lag nicht am ${noun}.` },
    'harness-trouble': { why: `Der Fehler lag nicht am ${noun}.` },
  };
}
