// Submission as a simple device does it. ECMAScript 3.
var crypto = require('crypto');
var mail = require('./mail.cjs');

// The last line has a space, or nothing, after its code (RFC 5321 section 4.2.1).
var complete = /(?:^|\n)\d{3}(?: [^\n]*)?\r?\n$/;

exports.startTls = function (link, job, mayStayPlain, done) {
  greet(link, job, done, function (capabilities) {
    // "TLS if available": without an offer it sends in the clear.
    if (mayStayPlain && !/^250[ -]STARTTLS/im.test(capabilities)) return done('stay-plain');
    link.command('STARTTLS', complete, function (reply) {
      done(/^220/.test(reply.head) ? 'encrypted' : refused('tls', reply));
    });
  });
};

exports.deliver = function (link, job, withGreeting, done) {
  if (withGreeting) greet(link, job, done, authenticate);
  else hello(link, job, done, authenticate);

  function authenticate() {
    link.entered('auth');
    var kind = job.firmware.auth;
    if (kind === 'none' || kind === 'pop-before-smtp') return envelope();
    if (kind === 'PLAIN')
      return step('auth', 'AUTH PLAIN ' + base64('\0' + job.user + '\0' + job.password), /^235/, envelope);
    if (kind === 'CRAM-MD5')
      return step('auth', 'AUTH CRAM-MD5', /^334/, function (reply) {
        step('auth', base64(cramMd5(job, reply.head)), /^235/, envelope);
      });
    var first = kind === 'LOGIN-initial' ? 'AUTH LOGIN ' + base64(job.user) : 'AUTH LOGIN';
    step('auth', first, /^334/, function () {
      if (kind === 'LOGIN-initial') return step('auth', base64(job.password), /^235/, envelope);
      step('auth', base64(job.user), /^334/, function () {
        step('auth', base64(job.password), /^235/, envelope);
      });
    });
  }

  function envelope() {
    if (job.firmware.fault === 'quits-after-login')
      return link.command('QUIT', complete, function () {
        done({ ok: true, stage: 'done', text: '' });
      });
    link.entered('mail');
    step('mail', 'MAIL FROM:<' + job.from + '>', /^250/, function () {
      step('mail', 'RCPT TO:<' + job.to + '>', /^25/, function () {
        step('mail', 'DATA', /^354/, function () {
          link.command(null, complete, function (reply) {
            if (!/^250/.test(reply.head)) return done(refused('mail', reply));
            var result = { ok: true, stage: 'done', text: lastLine(reply) };
            link.command('QUIT', complete, function () {
              done(result);
            });
          });
          mail.write(link, job);
        });
      });
    });
  }

  function step(stage, line, wanted, next) {
    link.command(line, complete, function (reply) {
      if (wanted.test(reply.head)) return next(reply);
      done(refused(stage, reply));
    });
  }
};

function greet(link, job, done, next) {
  link.command(null, complete, function (reply) {
    if (!/^220/.test(reply.head)) return done(refused('greeting', reply));
    hello(link, job, done, next);
  });
}

function hello(link, job, done, next) {
  link.entered('greeting');
  link.command(job.firmware.greeting + ' ' + (job.name || 'device.local'), complete, function (reply) {
    if (!/^250/.test(reply.head)) return done(refused('greeting', reply));
    next(reply.head);
  });
}

/** RFC 2195: the digest of the challenge, keyed with the password. */
function cramMd5(job, reply) {
  var challenge = mail.bytes(reply.replace(/^334 /, '').replace(/\s+$/, ''), 'base64');
  return job.user + ' ' + crypto.createHmac('md5', job.password).update(challenge).digest('hex');
}

function lastLine(reply) {
  return reply.tail.replace(/\s+$/, '').split('\n').pop();
}

function refused(stage, reply) {
  return { ok: false, stage: stage, text: lastLine(reply) };
}

function base64(text) {
  return mail.bytes(text, 'utf8').toString('base64');
}
