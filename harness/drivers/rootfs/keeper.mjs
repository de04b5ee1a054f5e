// Keeps one entered root file system: listens for it in a network that has nothing else, starts it, watches what it
// takes, and ends with it. Plain JavaScript, because it is started for every session; it is the first process of its PID
// namespace, so whatever is left ends with it.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';

const { socket, host, ports, memoryBytes, command } = JSON.parse(process.argv[2] ?? '');

const BETWEEN_LOOKS_MS = 250;
const PAGE_BYTES = 4096;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['address', 'add', `${host}/32`, 'dev', 'lo']);
await Promise.all(ports.map((port) => listen(port)));

const [program, ...args] = command;
const child = spawn(program, args, { stdio: 'inherit' });
child.on('error', (fault) => end(`it cannot be started: ${fault.message}`));
child.on('exit', (code) => process.exit(code ?? 1));
setInterval(watch, BETWEEN_LOOKS_MS);

/** What is dialled there is led to the way out, which knows where it leads at present. */
function listen(port) {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (guest) => {
    const way = net.connect({ path: socket, allowHalfOpen: true });
    way.write(`${port}\n`);
    for (const [side, other] of [
      [guest, way],
      [way, guest],
    ]) {
      side.on('error', () => side.destroy());
      side.on('close', () => other.destroySoon());
      side.pipe(other);
    }
  });
  // A flood of connections must not use up this process.
  server.maxConnections = 64;
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen({ host, port }, resolve);
  });
}

function watch() {
  const used = memoryBelow(Number(readlinkSync('/proc/self')));
  if (used > memoryBytes) end(`it needed more than ${Math.round(memoryBytes / 2 ** 20)} MB of memory and was ended`);
}

/** Resident bytes of all processes that a process started, by the numbers of the /proc that is mounted here. */
function memoryBelow(top) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(`/proc/${name}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const parent = Number(fields[1]);
    const found = { pid: Number(name), bytes: Number(fields[21] ?? 0) * PAGE_BYTES };
    children.set(parent, [...(children.get(parent) ?? []), found]);
  }
  let bytes = 0;
  for (const waiting = [top]; waiting.length > 0; ) {
    for (const found of children.get(waiting.pop()) ?? []) {
      bytes += found.bytes;
      waiting.push(found.pid);
    }
  }
  return bytes;
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended since the folder was listed.
    return '';
  }
}

function end(why) {
  process.stderr.write(`\r\ncutover: ${why}\r\n`);
  process.exit(1);
}
