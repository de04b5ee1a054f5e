import type { Bilingual } from '../vocabulary/trial.ts';

/** Ways to make the provider's host names lead to the rig, the simplest first. */
const WAYS = ['device-dns', 'router-entry', 'hosts-file'] as const;
type Way = (typeof WAYS)[number];

export interface Instruction {
  readonly way: Way;
  readonly title: Bilingual;
  /** In order; the last one undoes it. */
  readonly steps: readonly Bilingual[];
}

export interface Led {
  /** Names that devices dial. */
  readonly hosts: readonly string[];
  /** The rig's address. */
  readonly address: string;
  /** Where the name service answers; null: it is not running, so no device can be told to ask it. */
  readonly nameServer: { readonly host: string; readonly port: number } | null;
}

/** For the person at the device: how its connections reach the rig under the names that stay in its settings. */
export function renderInstructions(led: Led): readonly Instruction[] {
  const { hosts, address, nameServer } = led;
  // A device can be told the address of a name server, but no port.
  const canAsk = nameServer?.port === 53;
  const entries = hosts.map((host) => `${address} ${host}`);
  return [...(canAsk ? [deviceDns(nameServer.host, hosts)] : []), routerEntry(hosts, address), hostsFile(entries)];
}

/** Both languages on a terminal or in a file: plain lines. */
export function renderPlain(instructions: readonly Instruction[], language: keyof Bilingual): string {
  return instructions
    .map(({ title, steps }) => [title[language], ...steps.map((step, i) => `  ${i + 1}. ${step[language]}`)].join('\n'))
    .join('\n\n');
}

function deviceDns(server: string, hosts: readonly string[]): Instruction {
  return {
    way: 'device-dns',
    title: {
      de: 'Am Gerät: DNS-Server ändern (empfohlen, betrifft nur dieses Gerät)',
      en: 'On the device: change the DNS server (recommended, concerns this device alone)',
    },
    steps: [
      {
        de: 'Öffnen Sie die Netzwerkeinstellungen des Geräts (oft „Netzwerk → TCP/IP → DNS“) und notieren Sie die eingetragenen DNS-Server.',
        en: 'Open the device’s network settings (often “Network → TCP/IP → DNS”) and note the DNS servers that are entered.',
      },
      {
        de: `Tragen Sie als ersten DNS-Server ${server} ein und als zweiten den bisherigen. Bezieht das Gerät seine Adresse automatisch (DHCP), stellen Sie nur DNS auf „manuell“.`,
        en: `Enter ${server} as the first DNS server and the former one as the second. If the device gets its address automatically (DHCP), set only DNS to “manual”.`,
      },
      {
        de: `Schalten Sie das Gerät aus und wieder ein, denn viele Geräte merken sich Adressen. Den Postausgangsserver (${list(hosts)}) lassen Sie, wie er ist.`,
        en: `Switch the device off and on again, because many devices remember addresses. Leave the mail server (${list(hosts)}) as it is.`,
      },
      {
        de: 'Nach dem Test tragen Sie die notierten DNS-Server wieder ein und schalten das Gerät noch einmal aus und ein.',
        en: 'After the test, enter the DNS servers that you noted and switch the device off and on once more.',
      },
    ],
  };
}

function routerEntry(hosts: readonly string[], address: string): Instruction {
  return {
    way: 'router-entry',
    title: {
      de: 'Am Router: lokalen DNS-Eintrag anlegen (betrifft alle Geräte im Netz)',
      en: 'On the router: add a local DNS entry (concerns every device of the network)',
    },
    steps: [
      {
        de: 'Suchen Sie im Router „Lokale DNS-Einträge“, „Host-Überschreibung“ oder „Statische Hosts“ (zum Beispiel in OpenWrt, pfSense, OPNsense oder Pi-hole). Nicht jeder Router kann das.',
        en: 'Look for “local DNS records”, “host overrides” or “static hosts” in the router (OpenWrt, pfSense, OPNsense and Pi-hole have them). Not every router can do that.',
      },
      {
        de: `Legen Sie für ${list(hosts)} jeweils einen Eintrag mit der Adresse ${address} an.`,
        en: `Add an entry with the address ${address} for ${list(hosts)} each.`,
      },
      {
        de: 'Schalten Sie das Gerät aus und wieder ein. Vorsicht: Auch alle anderen Geräte und Mailprogramme im Netz erreichen unter diesen Namen jetzt den Testserver.',
        en: 'Switch the device off and on again. Careful: under these names all other devices and mail programs of the network now reach the test server, too.',
      },
      {
        de: 'Löschen Sie die Einträge nach dem Test und starten Sie das Gerät neu.',
        en: 'Delete the entries after the test and restart the device.',
      },
    ],
  };
}

function hostsFile(entries: readonly string[]): Instruction {
  const lines = entries.join(' · ');
  return {
    way: 'hosts-file',
    title: {
      de: 'Auf einem Computer oder NAS: hosts-Datei ergänzen',
      en: 'On a computer or NAS: add to the hosts file',
    },
    steps: [
      {
        de: 'Öffnen Sie als Administrator die Datei /etc/hosts (Linux, macOS, NAS über SSH) oder C:\\Windows\\System32\\drivers\\etc\\hosts (Windows).',
        en: 'As administrator, open the file /etc/hosts (Linux, macOS, a NAS over SSH) or C:\\Windows\\System32\\drivers\\etc\\hosts (Windows).',
      },
      {
        de: `Ergänzen Sie diese Zeilen am Ende, je Name eine: ${lines}`,
        en: `Add these lines at the end, one for each name: ${lines}`,
      },
      {
        de: 'Beenden Sie das Mailprogramm ganz und öffnen Sie es wieder.',
        en: 'Quit the mail program completely and open it again.',
      },
      {
        de: 'Löschen Sie die Zeilen nach dem Test.',
        en: 'Delete the lines after the test.',
      },
    ],
  };
}

function list(hosts: readonly string[]): string {
  return hosts.join(', ');
}
