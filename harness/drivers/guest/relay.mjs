// One connection of a guest: QEMU starts it with the connection as its input and output, and it takes the guest's bytes
// to the way (way.ts). Plain JavaScript: this is started for every connection. It never writes a word of its own: all
// that it printed would reach the guest.
import net from 'node:net';

const [path, port] = process.argv.slice(2);
const quit = () => process.exit();
process.on('uncaughtException', quit);

// A connection of its own, not `process.stdout`: that one is never ended, and the guest would wait for the end.
const guest = new net.Socket({ fd: 0, readable: true, writable: true, allowHalfOpen: true });
const way = net.connect({ path, allowHalfOpen: true });
// When it was started: it may come late, and be of a trial that is over.
const started = Number(process.hrtime.bigint() / 1_000_000n) - process.uptime() * 1000;
way.write(`${port} ${Math.round(started)}\n`);
for (const side of [guest, way]) side.on('error', quit);
way.on('close', quit);
guest.pipe(way);
way.pipe(guest);
