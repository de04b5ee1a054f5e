// Carries out an order of mailput or mailget with the mail client beside this file, and prints how it went. ECMAScript 3 and the
// modules of Node 0.8: it runs on the Node of this guest.
var connection = require('./mail-client/connection.cjs');

var SECURITY = { no: 'plaintext', wrap: 'implicit', yes: 'starttls', try: 'opportunistic' };
var LETTERS = {
  h: 'host',
  p: 'port',
  e: 'encryption',
  u: 'user',
  f: 'from',
  t: 'to',
  s: 'subject',
  b: 'bytes',
  P: 'protocol'
};

var job = renderJob(readOptions(process.argv.slice(3)), process.argv[2]);
// More than any dialogue needs, on a slow machine, too.
setTimeout(function () {
  finish({ ok: false, stage: 'timeout', text: 'no progress' });
}, 60000);
connection.run(job, job.security, {}, finish);

function finish(result) {
  console.log(result.ok ? 'done' : result.stage + ': ' + result.text);
  process.exit(result.ok ? 0 : 1);
}

function renderJob(options, program) {
  return {
    protocol: program === 'mailput' ? 'smtp' : options.protocol,
    host: options.host,
    resolve: options.host,
    port: Number(options.port),
    security: SECURITY[options.encryption],
    user: options.user,
    password: process.env.MAIL_PASSWORD,
    from: options.from,
    to: options.to,
    marker: options.subject,
    sizeBytes: Number(options.bytes),
    roots: [],
    firmware: { tls: {}, retries: [], sni: true, greeting: 'EHLO', auth: 'PLAIN', verifies: 'nothing', fault: 'none' }
  };
}

function readOptions(words) {
  var options = {};
  for (var i = 0; i + 1 < words.length; i += 2) options[LETTERS[words[i].slice(1)]] = words[i + 1];
  return options;
}
