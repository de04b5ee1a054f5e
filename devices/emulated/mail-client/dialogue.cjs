// SMTP, IMAP and POP3 as a simple device speaks them, over any stream with `write` and `on('data')`. ECMAScript 3.
var smtp = require('./smtp.cjs');
var imap = require('./imap.cjs');
var pop3 = require('./pop3.cjs');

var HEAD = 16384; // Of a reply: enough for every capability list.
var TAIL = 512; // Where a reply's end is looked for; a mail of 10 MB is not kept.

/**
 * `entered(stage)` is told as soon as the server says something and at each step. The result has
 * `deliver(withGreeting, done)`, `startTls(mayStayPlain, done)` and `release()`, after which the stream is somebody else's.
 */
exports.open = function (stream, job, entered) {
  var protocol = { smtp: smtp, imap: imap, pop3: pop3 }[job.protocol];
  var reply = { head: '', tail: '', bytes: 0 };
  var waiting = null;
  var link = {
    /** Sends a line (null: nothing) and calls `use(reply)` once the end of the reply matches `complete`. */
    command: function (line, complete, use) {
      waiting = { complete: complete, use: use };
      if (line !== null) stream.write(line + '\r\n');
    },
    write: function (text) {
      return stream.write(text);
    },
    drained: function (use) {
      stream.once('drain', use);
    },
    entered: entered
  };

  function take(chunk) {
    var text = chunk.toString('binary');
    reply.bytes += text.length;
    if (reply.head.length < HEAD) reply.head = (reply.head + text).slice(0, HEAD);
    reply.tail = (reply.tail + text).slice(-TAIL);
    if (waiting === null || !waiting.complete.test(reply.tail)) return;
    var use = waiting.use;
    var whole = reply;
    waiting = null;
    reply = { head: '', tail: '', bytes: 0 };
    use(whole);
  }
  stream.on('data', take);

  return {
    deliver: function (withGreeting, done) {
      protocol.deliver(link, job, withGreeting, done);
    },
    startTls: function (mayStayPlain, done) {
      protocol.startTls(link, job, mayStayPlain, done);
    },
    release: function () {
      stream.removeListener('data', take);
    }
  };
};
