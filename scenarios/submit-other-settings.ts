import type { Scenario } from '../harness/vocabulary/trial.ts';

export default {
  id: 'submit-other-settings',
  question: {
    de: 'Mit welchen anderen Einstellungen kann das Gerät weiter senden?',
    en: 'With which other settings can the device go on sending?',
  },
  direction: 'send',
  settings: 'others',
  sizeBytes: 2_000,
  mails: 1,
  onRequest: false,
} as const satisfies Scenario;
