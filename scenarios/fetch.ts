import type { Scenario } from '../harness/vocabulary/trial.ts';

export default {
  id: 'fetch',
  question: {
    de: 'Kann das Gerät E-Mails abrufen, so wie es eingerichtet ist?',
    en: 'Can the device fetch mail as it is configured?',
  },
  direction: 'fetch',
  settings: 'configured',
  sizeBytes: 2_000,
  mails: 1,
  onRequest: false,
} as const satisfies Scenario;
