// Fetching over POP3: log in, retrieve the newest mails in full, delete none. ECMAScript 3.
var NEWEST = 20; // A scanner that polls a mailbox does not read years of it.
var LINE = /\n$/;
var MULTILINE = /^-ERR[^\n]*\n$|\n\.\r?\n$/;

exports.startTls = function (link, job, mayStayPlain, done) {
  greet(link, done, function () {
    link.command('STLS', LINE, function (reply) {
      if (/^\+OK/.test(reply.head)) return done('encrypted');
      done(mayStayPlain ? 'stay-plain' : { ok: false, stage: 'tls', text: reply.tail });
    });
  });
};

exports.deliver = function (link, job, withGreeting, done) {
  if (withGreeting) greet(link, done, logIn);
  else logIn();

  function logIn() {
    link.entered('auth');
    command(link, 'USER ' + job.user, LINE, 'auth', done, function () {
      command(link, 'PASS ' + job.password, LINE, 'auth', done, function () {
        link.entered('fetch');
        command(link, 'STAT', LINE, 'fetch', done, function (reply) {
          var count = /^\+OK (\d+)/.exec(reply.head);
          fetch(count === null ? 0 : Number(count[1]), 0);
        });
      });
    });
  }

  function fetch(number, got) {
    if (number < 1 || got === NEWEST)
      return command(link, 'QUIT', LINE, 'fetch', done, function () {
        done({ ok: true, stage: 'done', text: got + ' messages' });
      });
    command(link, 'RETR ' + number, MULTILINE, 'fetch', done, function () {
      fetch(number - 1, got + 1);
    });
  }
};

function greet(link, done, next) {
  link.command(null, LINE, function (reply) {
    if (!/^\+OK/.test(reply.head)) return done({ ok: false, stage: 'greeting', text: reply.tail });
    link.entered('greeting');
    next();
  });
}

function command(link, line, complete, stage, done, next) {
  link.command(line, complete, function (reply) {
    if (/^\+OK/.test(reply.head)) return next(reply);
    done({ ok: false, stage: stage, text: reply.tail });
  });
}
