// One connection of the mail firmware: TCP, TLS as the setting asks, then the dialogue. ECMAScript 3.
var net = require('net');
var tls = require('tls');
var dialogue = require('./dialogue.cjs');
var verify = require('./verify.cjs');

// A device that waits for a greeting gives up before the harness does (`patience` in its file: idle 10 s).
var GREETING_MS = 3000;

/** Calls `done({ok, stage, text})` once. `security` replaces the job's: a fallback is a setting of the firmware's own. */
exports.run = function (job, security, options, done) {
  var raw = net.connect(job.port, job.resolve);
  var stage = 'connect';
  var timer = null;
  var over = false;

  function finish(result) {
    if (over) return;
    over = true;
    clearTimeout(timer);
    // Node 24 reports a reset after our own close; it tells nothing.
    raw.on('error', function () {});
    raw.destroy();
    done(result);
  }
  function fail(text) {
    finish({ ok: false, stage: stage, text: text });
  }
  function greetingTimer() {
    timer = setTimeout(function () {
      fail('no answer');
    }, GREETING_MS);
  }

  raw.on('error', function (error) {
    fail(shortCode(error));
  });
  raw.on('close', function () {
    fail('connection closed');
  });
  raw.on('connect', function () {
    if (security === 'implicit') return secure('greeting');
    stage = 'greeting';
    greetingTimer();
    var talk = dialogue.open(raw, job, function (next) {
      clearTimeout(timer);
      stage = next;
    });
    if (security === 'plaintext') return talk.deliver(true, finish);
    talk.startTls(security === 'opportunistic', function (result) {
      if (result === 'encrypted') {
        talk.release();
        if (job.firmware.fault === 'hangs-after-starttls') return;
        secure('dialogue');
      } else if (result === 'stay-plain') talk.deliver(false, finish);
      else finish(result);
    });
  });

  function secure(next) {
    stage = 'tls';
    var secured = tls.connect(tlsOptions(job, options, raw), function () {
      if (over) return;
      var objection = verify.objection(secured, job);
      stage = 'certificate';
      if (objection !== null) return fail(objection);
      stage = next === 'greeting' ? 'greeting' : 'mail';
      if (stage === 'greeting') greetingTimer();
      var talk = dialogue.open(secured, job, function (entered) {
        clearTimeout(timer);
        stage = entered;
      });
      talk.deliver(next === 'greeting', finish);
    });
    secured.on('error', function (error) {
      fail(shortCode(error));
    });
    secured.on('close', function () {
      fail('connection closed');
    });
  }
};

function tlsOptions(job, given, raw) {
  var options = { socket: raw, rejectUnauthorized: false };
  for (var name in given) options[name] = given[name];
  if (job.roots.length > 0 && verify.leavesChainToStack()) options.ca = job.roots;
  if (options.servername !== undefined) return options;
  // RFC 6066 section 3: an address is never sent as SNI.
  if (job.firmware.sni && !net.isIP(job.host)) options.servername = job.host;
  // Node 0.8 names "localhost" when it is told nothing; OpenSSL 1.0.0 refuses a longer name and then sends none.
  else if (/^v0\.8\./.test(process.version)) options.servername = new Array(300).join('x');
  return options;
}

/** As a display shows it: OpenSSL's number, or the system's word; its sentences differ from version to version. */
function shortCode(error) {
  var number = /error:([0-9A-F]{8}):/i.exec(error.message);
  return number === null ? error.code || error.message : 'SSL ' + number[1];
}
