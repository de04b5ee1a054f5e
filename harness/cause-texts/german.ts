import type { CustomerText } from '../cause-texts.ts';
import type { Cause } from '../vocabulary/finding.ts';

/** Sie-form, short sentences, no words of ours: customers read this at the device, with someone waiting. */
export const GERMAN: Readonly<Record<Cause, CustomerText>> = {
  'version-too-old': {
    name: 'Veraltete TLS-Version',
    what: 'Das Gerät verschlüsselt nur mit veralteten TLS-Versionen (1.0 und 1.1 oder noch älter). Der Server nimmt solche Verbindungen nicht an.',
    why: 'Diese Versionen stammen aus den Jahren 1999 und 2006. Seit 2021 gelten sie offiziell als überholt.',
    todo: 'Suchen Sie beim Hersteller nach einem Firmware-Update und installieren Sie es.',
  },
  'no-shared-cipher': {
    name: 'Das Gerät beherrscht kein Verschlüsselungsverfahren, das unser Server annimmt',
    what: 'Das Gerät beherrscht kein Verschlüsselungsverfahren, das unser Server annimmt. Die Verbindung kommt nicht zustande.',
    why: 'Das Gerät bietet nur alte Verfahren an, die heute als unsicher gelten.',
    todo: 'Installieren Sie die neueste Firmware. Prüfen Sie am Gerät, ob sich eine stärkere Verschlüsselung einschalten lässt.',
  },
  'no-shared-group': {
    name: 'Das Gerät beherrscht kein Verfahren zum Schlüsselaustausch, das unser Server annimmt',
    what: 'Zu Beginn jeder Verbindung vereinbaren Gerät und Server einen Schlüssel. Das Gerät beherrscht dafür kein Verfahren, das unser Server annimmt.',
    why: 'Das Gerät kennt nur ältere oder seltene Verfahren.',
    todo: 'Installieren Sie die neueste Firmware.',
  },
  'no-shared-signature': {
    name: 'Das Gerät beherrscht kein Verfahren, mit dem sich unser Server ausweist',
    what: 'Unser Server muss sich gegenüber dem Gerät ausweisen. Das Gerät versteht dafür nur ein veraltetes Verfahren (Unterschrift mit SHA-1).',
    why: 'Das Gerät kennt zwar TLS 1.2, aber nicht die digitalen Unterschriften, die heute üblich sind.',
    todo: 'Installieren Sie die neueste Firmware.',
  },
  'certificate-untrusted': {
    name: 'Gerät erkennt das Zertifikat nicht an',
    what: 'Das Gerät erkennt das Zertifikat des Servers nicht an und bricht die Verbindung ab.',
    why: 'In der Liste des Geräts fehlt die Stelle, die das Zertifikat ausgestellt hat. Bei älteren Geräten ist diese Liste oft nicht mehr aktuell.',
    todo: 'Installieren Sie die neueste Firmware. Bei manchen Geräten können Sie ein Zertifikat auch von Hand hinzufügen: Der Support nennt Ihnen das passende.',
  },
  'certificate-dates': {
    name: 'Datum und Uhrzeit am Gerät prüfen',
    what: 'Das Gerät hält das Zertifikat des Servers für abgelaufen oder für noch nicht gültig.',
    why: 'Meist geht die Uhr des Geräts falsch, zum Beispiel nach einem Stromausfall.',
    todo: 'Prüfen Sie Datum und Uhrzeit am Gerät. Am besten lassen Sie die Uhr automatisch über das Internet stellen.',
  },
  'certificate-name': {
    name: 'Servername passt nicht zum Zertifikat',
    what: 'Der Servername, der im Gerät eingetragen ist, steht nicht im Zertifikat des Servers.',
    why: 'Oft ist eine IP-Adresse oder ein alter Servername eingetragen.',
    todo: 'Tragen Sie genau den Servernamen ein, den wir nennen. Verwenden Sie keine IP-Adresse.',
  },
  'certificate-key': {
    name: 'Gerät versteht das Zertifikat nicht',
    what: 'Das Gerät kann die Art des Schlüssels im Zertifikat des Servers nicht verarbeiten.',
    why: 'Das Gerät kennt nur ältere Arten von Zertifikaten.',
    todo: 'Installieren Sie die neueste Firmware.',
  },
  'plaintext-only': {
    name: 'Unverschlüsselte Verbindung',
    what: 'Das Gerät verbindet sich unverschlüsselt. Der Server nimmt nur noch verschlüsselte Verbindungen an.',
    why: 'Am Gerät ist keine Verschlüsselung eingestellt, oder das Gerät beherrscht keine.',
    todo: 'Stellen Sie am Gerät „SSL/TLS“ oder „STARTTLS“ ein. Fehlt diese Auswahl, suchen Sie beim Hersteller nach einem Firmware-Update.',
  },
  'plaintext-fallback': {
    name: 'Gerät weicht auf unverschlüsselt aus',
    what: 'Das Gerät versucht zuerst, verschlüsselt zu senden. Gelingt das nicht, versucht es dasselbe unverschlüsselt, ohne Sie zu fragen.',
    why: 'Die Einstellung „TLS, falls verfügbar“ (oder „automatisch“) erzwingt keine Verschlüsselung.',
    todo: 'Stellen Sie „SSL/TLS“ oder „STARTTLS“ fest ein, nicht „automatisch“. Ändern Sie danach das Passwort des Postfachs: Es kann unverschlüsselt übertragen worden sein.',
  },
  'wrong-tls-mode': {
    name: 'Port und Verschlüsselung passen nicht zusammen',
    what: 'Das Gerät beginnt die Verschlüsselung anders, als der Server es an diesem Port erwartet.',
    why: 'Port und Art der Verschlüsselung gehören zusammen. Am Gerät ist eine Mischung eingestellt.',
    todo: 'Stellen Sie zum Senden Port 465 mit „SSL/TLS“ oder Port 587 mit „STARTTLS“ ein. Zum Abrufen passen Port 993 (IMAP) oder 995 (POP3) mit „SSL/TLS“.',
  },
  'auth-missing': {
    name: 'Anmeldung fehlt',
    what: 'Das Gerät meldet sich nicht am Postausgangsserver an. Ohne Anmeldung nimmt der Server keine E-Mails an.',
    why: 'Am Gerät sind keine Zugangsdaten eingetragen, oder es kann sich zum Senden nicht anmelden.',
    todo: 'Schalten Sie die Anmeldung am Postausgangsserver (SMTP) ein. Tragen Sie Benutzername und Passwort des Postfachs ein.',
  },
  'auth-mechanism': {
    name: 'Art der Anmeldung passt nicht',
    what: 'Das Gerät meldet sich auf eine Art an, die der Server nicht anbietet.',
    why: 'Ältere Geräte kennen nur Anmeldungen wie CRAM-MD5.',
    todo: 'Stellen Sie die Anmeldung am Gerät auf „PLAIN“, „LOGIN“ oder „normales Passwort“, zusammen mit „SSL/TLS“ oder „STARTTLS“.',
  },
  'auth-rejected': {
    name: 'Zugangsdaten abgelehnt',
    what: 'Der Server lehnt den Benutzernamen oder das Passwort ab.',
    why: 'Die Zugangsdaten stimmen nicht, oder das Gerät schneidet ein langes Passwort ab.',
    todo: 'Geben Sie die Zugangsdaten neu ein. Schneidet das Gerät lange Passwörter ab, legen Sie für das Gerät ein eigenes Postfach mit kürzerem Passwort an.',
  },
  'mail-refused': {
    name: 'E-Mail abgelehnt',
    what: 'Verschlüsselung und Anmeldung gelingen. Der Server lehnt aber die E-Mail selbst ab.',
    why: 'Häufig passt die Absenderadresse nicht zum Postfach, oder die E-Mail ist zu groß.',
    todo: 'Tragen Sie als Absender die Adresse des Postfachs ein. Verringern Sie bei Scans die Auflösung.',
  },
  'mail-lost': {
    name: 'E-Mail kommt nicht an',
    what: 'Das Gerät verbindet sich und meldet sich an. Trotzdem kommt keine E-Mail an.',
    why: 'Das Gerät bricht die Übertragung ab. Es zeigt den Fehler womöglich nicht an.',
    todo: 'Senden Sie eine kurze Testnachricht. Starten Sie das Gerät neu. Installieren Sie die neueste Firmware.',
  },
  banned: {
    name: 'Anschluss vorübergehend gesperrt',
    what: 'Der Server nimmt von Ihrem Internetanschluss zurzeit keine Verbindungen an.',
    why: 'Ein Gerät hat sich zu oft vergeblich angemeldet. Unsere Server sperren die Internetadresse Ihres Anschlusses dann für einige Zeit.',
    todo: 'Schalten Sie das betroffene Gerät aus und warten Sie. Berichtigen Sie seine Einstellungen, bevor Sie es wieder einschalten.',
  },
  intercepted: {
    name: 'Etwas zwischen Gerät und Server verändert die Verbindung',
    what: 'Auf dem Weg vom Gerät zu unserem Server wird die Verbindung verändert. Deshalb kommt keine sichere Verschlüsselung zustande.',
    why: 'Meist prüft eine Firewall, ein Router oder ein Virenscanner die E-Mails. Am Gerät selbst liegt es nicht.',
    todo: 'Stellen Sie am Gerät „SSL/TLS“ ein: zum Senden mit Port 465, zum Abrufen mit Port 993 (IMAP) oder 995 (POP3). Hilft das nicht, schalten Sie die Prüfung von E-Mails in Firewall, Router oder Virenscanner probeweise aus.',
  },
  'connection-dropped': {
    name: 'Verbindung bricht ab, Grund offen',
    what: 'Das Gerät oder der Server beendet die Verbindung, ohne einen Grund zu nennen.',
    why: 'Mehrere Gründe sehen von außen gleich aus, zum Beispiel ein nicht anerkanntes Zertifikat oder eine falsche Uhr.',
    todo: 'Prüfen Sie Servername, Port, Datum und Uhrzeit am Gerät. Installieren Sie die neueste Firmware.',
  },
  'not-testable': {
    name: 'Hier nicht prüfbar',
    what: 'Diese Kombination konnte mit den vorhandenen Testservern nicht geprüft werden.',
    why: 'Das Gerät verwendet ein so altes Verfahren, dass die Testserver es nicht mehr beherrschen.',
    todo: 'Fragen Sie den Support nach einer Prüfung von Hand.',
  },
  'not-in-this-lab': {
    name: 'Gerät nicht im Testlabor',
    what: 'Dieses Gerät stand für die Prüfung nicht bereit.',
    why: 'Es ist im Testlabor nicht vorhanden oder war nicht erreichbar.',
    todo: 'Prüfen Sie die Einstellungen des Geräts selbst. Der Support hilft Ihnen dabei.',
  },
  'not-applicable': {
    name: 'Trifft nicht zu',
    what: 'Das Gerät hat diese Funktion nicht.',
    why: 'Die Prüfung passt nicht zu diesem Gerät.',
    todo: 'Sie müssen nichts tun.',
  },
  'never-connected': {
    name: 'Keine Verbindung gesehen',
    what: 'Das Gerät hat sich während der Prüfung nicht mit dem Server verbunden. Das sagt nichts darüber, ob es geeignet ist.',
    why: 'Vielleicht ist die Funktion abgeschaltet, der Servername falsch eingetragen oder der Port gesperrt.',
    todo: 'Prüfen Sie Servername und Port. Starten Sie das Gerät nach einer Änderung neu und versuchen Sie es noch einmal.',
  },
  'device-trouble': {
    name: 'Gerät reagiert nicht',
    what: 'Das Gerät hat während der Prüfung nicht mehr richtig reagiert. Ein Ergebnis gibt es deshalb nicht.',
    why: 'Das Gerät hing, war nicht erreichbar oder meldete nur Fehler.',
    todo: 'Starten Sie das Gerät neu. Fragen Sie danach den Support.',
  },
  'server-trouble': {
    name: 'Störung am Testserver',
    what: 'Der Testserver war während der Prüfung gestört. Ein Ergebnis gibt es deshalb nicht.',
    why: 'Der Fehler lag nicht am Gerät.',
    todo: 'Die Prüfung wird wiederholt. Sie müssen nichts tun.',
  },
  'harness-trouble': {
    name: 'Störung bei der Prüfung',
    what: 'Die Prüfung selbst ist gescheitert. Ein Ergebnis gibt es deshalb nicht.',
    why: 'Der Fehler lag nicht am Gerät.',
    todo: 'Die Prüfung wird wiederholt. Sie müssen nichts tun.',
  },
};
