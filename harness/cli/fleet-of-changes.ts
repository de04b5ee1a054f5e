import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A small fleet for tests of regression runs: each device stands for one kind of change, and everything else about it
 * stays. Emulated ones run the current Node; `flaky` is a program that keeps count itself.
 */
export interface FleetOfChanges {
  /** Folder of device files, for `--devices`. */
  readonly devices: string;
  /** Replaces text in a device's file; throws where it is not found. */
  edit(id: string, from: string, to: string): void;
  write(id: string, yaml: string): void;
  /** What `flaky` did with each order that it could have carried out, in order. */
  flakyLog(): readonly string[];
  /** From now on `flaky` drops the second order of two. */
  makeFlaky(): void;
}

export function createFleetOfChanges(folder: string): FleetOfChanges {
  const fileOf = (id: string) => join(folder, `${id}.yaml`);
  const write = (id: string, yaml: string) => writeFileSync(fileOf(id), yaml);
  const program = join(folder, 'flaky.sh');
  writeFileSync(program, FLAKY_PROGRAM);
  for (const [id, firmware] of Object.entries(EMULATED)) write(id, emulated(id, firmware));
  for (const id of ['verifies', 'loses-root'])
    write(id, emulated(id, EMULATED[id] ?? '').replace('\nkind', '\ntrust: run-ca\nkind'));
  write('flaky', FLAKY.replace('PROGRAM', program).replace('FOLDER', folder));
  return {
    devices: folder,
    write,
    edit: (id, from, to) => {
      const text = readFileSync(fileOf(id), 'utf8');
      if (!text.includes(from)) throw new Error(`${id}: has no "${from}"`);
      write(id, text.replace(from, to));
    },
    flakyLog: () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n'),
    makeFlaky: () => {
      writeFileSync(join(folder, 'drops'), '');
      writeFileSync(join(folder, 'log'), '');
    },
  };
}

/** An emulated camera on implicit TLS. `firmware`: the list under `firmware:`, one a line. */
export function emulated(id: string, firmware: string): string {
  return `id: ${id}
vendor: Test
model: ${id}
kind: camera
reach: { driver: emulated, console: camera-keys, over: pty }
client: camera-keys
patience: { idleSeconds: 10, totalSeconds: 40 }
firmware:
${firmware}
settings: [{ id: implicit-465, protocol: smtp, port: 465, security: implicit }]
truth: { built: for a test, verdict: { send: works } }
`;
}

/** The one suite that a device offers besides those of TLS 1.3, and none of them. */
export const ONLY_SUITE = 'TLS_RSA_WITH_AES_128_CBC_SHA';
const OLD = "tls: { maxVersion: TLSv1.2, ciphers: 'AES128-SHA' }";

const EMULATED: Readonly<Record<string, string>> = {
  steady: '  - { version: "1", emulated: { stack: node-current } }',
  gone: '  - { version: "1", emulated: { stack: node-current } }',
  // What strict loses is all that it offers.
  suite: `  - { version: "1", emulated: { stack: node-current, ${OLD} } }`,
  // Its file gets another firmware in the first place.
  bump: '  - { version: "1", emulated: { stack: node-current, tls: { minVersion: TLSv1, maxVersion: TLSv1.1, ciphers: "DEFAULT@SECLEVEL=0" } } }',
  // Checks what the server shows: of the run's root, which it was given.
  verifies: '  - { version: "1", emulated: { stack: node-current, verifies: imported, tls: { maxVersion: TLSv1.2 } } }',
  // The same, until its file says that it knows the roots of its factory only.
  'loses-root':
    '  - { version: "1", emulated: { stack: node-current, verifies: imported, tls: { maxVersion: TLSv1.2 } } }',
};

const FLAKY = `id: flaky
vendor: Test
model: flaky
kind: nas
firmware: [{ version: '1' }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach: { driver: pty, program: [bash, PROGRAM, FOLDER] }
client: tiny-shell
patience: { idleSeconds: 10, totalSeconds: 40 }
`;

/** Sends in the clear where it may sign in; where not, it asks and is refused. Logs `sent` or `dropped`. */
const FLAKY_PROGRAM = `
folder=$1
status=1
reply() { while read -r -t 10 line <&3; do case "$line" in [0-9][0-9][0-9]-*) printf '%s\\n' "$line";; *) printf '%s\\n' "$line"; return;; esac; done; }
say() { printf '%s\\r\\n' "$1" >&3; reply; }
submit() {
  exec 3<>"/dev/tcp/$host/$port" || return 1
  reply > /dev/null
  case "$(say 'EHLO flaky')" in
    *AUTH*) ;;
    *) say "MAIL FROM:<$from>" > /dev/null; say QUIT > /dev/null; return 1;;
  esac
  if [ -e "$folder/drops" ] && [ $(($(wc -l < "$folder/log") % 2)) = 1 ]; then echo dropped >> "$folder/log"; return 1; fi
  say "AUTH PLAIN $(printf '\\0%s\\0%s' "$user" "$secret" | base64 -w0)" > /dev/null
  say "MAIL FROM:<$from>" > /dev/null
  say "RCPT TO:<$to>" > /dev/null
  say DATA > /dev/null
  case "$(say "$(printf 'Subject: %s\\r\\n\\r\\nfrom a test\\r\\n.' "$marker")")" in
    250*) echo sent >> "$folder/log"; say QUIT > /dev/null; return 0;;
    *) echo refused >> "$folder/log"; return 1;;
  esac
}
printf '/ # '
while read -r cmd args; do
  case "$cmd" in
    mailput)
      stty -echo; printf 'password: '; read -r secret; stty echo; echo
      eval "set -- $args"
      host=$2 port=$4 user=$8 from=\${10} to=\${12} marker=\${14}
      submit; status=$?; exec 3>&-
      printf '/ # ';;
    echo) echo $status; printf '/ # ';;
  esac
done
`;
