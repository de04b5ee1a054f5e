import type { Language } from '../../harness/cause-texts.ts';
import { ENDPOINTS, PROTOCOLS } from '../../harness/vocabulary/trial.ts';
import type { Schedule } from '../phase.ts';
import { SECURITY_WORDS, SERVER_WORDS } from '../setting-words.ts';
import type { Block } from './document.ts';

/** Hosts, ports and encryption to enter, as devices word them; two columns, for telephones. SSL/TLS first: it cannot be left out by mistake. */
export function serverTable({ strict }: Schedule, language: Language): readonly Block[] {
  if (strict === undefined) return [];
  const rows = PROTOCOLS.map((protocol) => [
    [{ strong: SERVER_WORDS[protocol][language] }, strict.hosts[protocol]],
    ENDPOINTS.filter((e) => e.protocol === protocol && e.port !== MX_PORT)
      .toSorted((a, b) => a.tls.localeCompare(b.tls))
      .map((e) => `${PORT[language]} ${e.port}: ${SECURITY_WORDS[e.tls][language]}`),
  ]);
  return [{ kind: 'table', name: NAME[language], head: HEAD[language], rows }];
}

/** Works too, but many providers and routers block it for customers: nobody should newly enter it. */
const MX_PORT = 25;
const NAME = { de: 'Server, Ports und Verschlüsselung', en: 'Servers, ports and encryption' } as const;
const PORT = { de: 'Port', en: 'Port' } as const;
const HEAD = {
  de: ['Server', 'Port und Verschlüsselung'],
  en: ['Server', 'Port and encryption'],
} as const;
