// Gives an order of mailput or mailget to the mail client beside this file, and prints what it says. ECMAScript 3 and the
// modules of Node 0.8: it runs on the Node of this guest.
var spawn = require('child_process').spawn;

var SECURITY = { no: 'plaintext', wrap: 'implicit', yes: 'starttls', 'try': 'opportunistic' };
var LETTERS = { h: 'host', p: 'port', e: 'encryption', u: 'user', f: 'from', t: 'to', s: 'subject', b: 'bytes', P: 'protocol' };

var given = readOptions(process.argv.slice(3));
var client = spawn(process.execPath, ['/usr/lib/mail/mail-client.cjs']);
var answer = '';
client.stdout.on('data', function (chunk) {
  answer += chunk;
});
client.on('exit', function () {
  // Its output may still be on its way.
  setTimeout(finish, 50);
});
client.stdin.write(JSON.stringify(renderJob(given, process.argv[2])) + '\n');

function finish() {
  var result = JSON.parse(answer || '{"ok":false,"stage":"fault","text":"no answer"}');
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
