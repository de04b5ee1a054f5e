// Fetching over IMAP: log in, look, retrieve the newest mails in full. ECMAScript 3.
var NEWEST = 20; // A scanner that polls a mailbox does not read years of it.

exports.startTls = function (link, job, mayStayPlain, done) {
  greet(link, done, function () {
    var refused = mayStayPlain
      ? function () {
          done('stay-plain');
        }
      : done;
    command(link, 'STARTTLS', 'tls', refused, function () {
      done('encrypted');
    });
  });
};

exports.deliver = function (link, job, withGreeting, done) {
  if (withGreeting) greet(link, done, logIn);
  else logIn();

  function logIn() {
    link.entered('auth');
    command(link, 'LOGIN ' + quoted(job.user) + ' ' + quoted(job.password), 'auth', done, function () {
      link.entered('fetch');
      command(link, 'SELECT INBOX', 'fetch', done, function (reply) {
        var exists = /^\* (\d+) EXISTS/im.exec(reply.head);
        fetch(exists === null ? 0 : Number(exists[1]), 0);
      });
    });
  }

  function fetch(number, got) {
    if (number < 1 || got === NEWEST)
      return command(link, 'LOGOUT', 'fetch', done, function () {
        done({ ok: true, stage: 'done', text: got + ' messages' });
      });
    command(link, 'FETCH ' + number + ' BODY[]', 'fetch', done, function () {
      fetch(number - 1, got + 1);
    });
  }
};

function greet(link, done, next) {
  link.command(null, /\n$/, function (reply) {
    if (!/^\* OK/i.test(reply.head)) return done({ ok: false, stage: 'greeting', text: reply.tail });
    link.entered('greeting');
    next();
  });
}

var tags = 0;
function command(link, line, stage, done, next) {
  var tag = 'a' + ++tags;
  var last = new RegExp('(?:^|\\n)(' + tag + ' (OK|NO|BAD)[^\\n]*)\\r?\\n$', 'i');
  link.command(tag + ' ' + line, last, function (reply) {
    var end = last.exec(reply.tail);
    if (/^ok$/i.test(end[2])) return next(reply);
    done({ ok: false, stage: stage, text: end[1].slice(tag.length + 1) });
  });
}

function quoted(text) {
  return '"' + text.replace(/["\\]/g, '\\$&') + '"';
}
