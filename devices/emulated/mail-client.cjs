// The mail firmware of emulated devices: sends or fetches one mail and prints one line of JSON. ECMAScript 3, because it
// runs on every Node from 0.8 to the newest: the point is the TLS stack of the Node that runs it. The job comes as one
// line on stdin (an argument list is visible to everybody on the machine); when stdin closes, the device lost its power.
var connection = require('./mail-client/connection.cjs');

var TOTAL_MS = 30000; // More than any dialogue needs (110 ms measured); a client that hangs must not stay.
var MAX_JOB = 1048576;

process.on('uncaughtException', function (error) {
  finish({ ok: false, stage: 'fault', text: error.message });
});
readJob(function (job) {
  setTimeout(function () {
    finish({ ok: false, stage: 'timeout', text: 'no progress' });
  }, TOTAL_MS);
  if (job.firmware.fault === 'loses-mail') return finish({ ok: true, stage: 'done', text: '' });
  if (job.firmware.fault === 'never-connects') return finish({ ok: false, stage: 'connect', text: 'link down' });
  attempt(job, [job.firmware.tls].concat(job.firmware.retries), finish);
});

/** A failed handshake is tried again with the next options, on a new connection; other failures are final. */
function attempt(job, options, done) {
  connection.run(job, job.security, options[0], function (result) {
    if (result.ok || result.stage !== 'tls') return done(result);
    if (options.length > 1) return attempt(job, options.slice(1), done);
    if (job.firmware.fallsBackToPlaintext) return connection.run(job, 'plaintext', {}, done);
    done(result);
  });
}

function readJob(use) {
  var text = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', function (chunk) {
    if (text === null) return;
    text += chunk;
    if (text.length > MAX_JOB) process.exit(2);
    if (text.indexOf('\n') < 0) return;
    var job = JSON.parse(text);
    text = null;
    use(job);
  });
  process.stdin.on('end', function () {
    process.exit(2);
  });
  process.stdin.resume();
}

var finished = false;
function finish(result) {
  if (finished) return;
  finished = true;
  var line = JSON.stringify({ ok: result.ok, stage: result.stage, text: printable(result.text) });
  // Old Nodes lose output that is still on its way into a pipe when they exit.
  process.stdout.write(line + '\n', function () {
    process.exit(0);
  });
  setTimeout(function () {
    process.exit(0);
  }, 500);
}

function printable(text) {
  return String(text || '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);
}
