/** Ids of the device files that a client of testssl.sh's list speaks for. */
export function devicesOfRecording(name: string): readonly string[] {
  return RECORDED_CLIENTS.filter((one) => one.name.test(name)).flatMap(({ devices }) => devices);
}

/**
 * Names only, the recordings stay where testssl.sh is installed. Browsers of Microsoft and Apple use the TLS library of
 * their system, as its mail programs do; Edge brings its own since version 79.
 */
export const RECORDED_CLIENTS: readonly { readonly name: RegExp; readonly devices: readonly string[] }[] = [
  { name: /^IE [\d-]+ Win 7$/, devices: ['windows-7'] },
  { name: /^IE 11 Win 8\.1$/, devices: ['windows-8.1'] },
  { name: /^(?:IE 11|Edge 1\d) \(?Win 10\)?$/, devices: ['windows-10'] },
  { name: /^IE 8 XP$/, devices: ['windows-xp'] },
  { name: /^IE 7 Vista$/, devices: ['windows-vista'] },
  { name: /^Safari 5\.1\.9 OS X 10\.6/, devices: ['macos-10.6'] },
  { name: /OS X 10\.8/, devices: ['macos-10.8'] },
  { name: /^Safari 7 OS X 10\.9/, devices: ['macos-10.9'] },
  { name: /^Safari 8 OS X 10\.10/, devices: ['macos-10.10'] },
  { name: /^Safari 9 OS X 10\.11/, devices: ['macos-10.11'] },
  { name: /^Safari 10 OS X 10\.12/, devices: ['macos-10.12'] },
  { name: /^Safari .*iOS 5\.1/, devices: ['ios-5'] },
  { name: /^Safari .*iOS 6\./, devices: ['ios-6'] },
  { name: /^Safari .*iOS 7\./, devices: ['ios-7'] },
  { name: /^Safari .*iOS 8\./, devices: ['ios-8'] },
  { name: /iOS 9$/, devices: ['ios-9'] },
  { name: /^Safari .*iOS 10$/, devices: ['ios-10'] },
  { name: /^Android 2\.3/, devices: ['android-2.3'] },
  { name: /^Android 4\.0/, devices: ['android-4.0'] },
  { name: /^Android 4\.1/, devices: ['android-4.1'] },
  { name: /^Android 4\.2/, devices: ['android-4.2'] },
  { name: /^Android 4\.3/, devices: ['android-4.3'] },
  { name: /^Android 4\.4/, devices: ['android-4.4'] },
  { name: /^Android 5/, devices: ['android-5'] },
  { name: /^Android 6/, devices: ['android-6'] },
  { name: /^Android 7/, devices: ['android-7'] },
  { name: /^Android 8/, devices: ['android-8'] },
  { name: /^Java \d/, devices: ['java'] },
  { name: /^Thunderbird/, devices: ['thunderbird'] },
  { name: /^Apple Mail/, devices: ['apple-mail'] },
];
