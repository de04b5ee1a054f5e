import type { Scenario } from '../harness/vocabulary/trial.ts';

export default {
  id: 'submit',
  question: {
    de: 'Kommt eine E-Mail an, wenn das Gerät so sendet, wie es eingerichtet ist?',
    en: 'Does mail arrive when the device sends as it is configured?',
  },
  direction: 'send',
  settings: 'configured',
  sizeBytes: 2_000,
  mails: 1,
  onRequest: false,
} as const satisfies Scenario;
