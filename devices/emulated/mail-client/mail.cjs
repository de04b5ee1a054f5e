// The mail itself, written in pieces that even the oldest stack can buffer. ECMAScript 3.
var LINE = new Array(75).join('X') + '\r\n'; // 76 bytes, RFC 5322 section 2.1.1.
var PIECE = 16384 - (16384 % LINE.length);

/** Headers with the marker as subject, a body of `job.sizeBytes` plus the marker, and the closing dot. */
exports.write = function (link, job) {
  var left = Math.max(0, job.sizeBytes);
  var filler = new Array(PIECE / LINE.length + 1).join(LINE);
  link.write(headers(job) + job.marker + '\r\n');
  more();

  function more() {
    while (left > 0) {
      var piece = left < PIECE ? lines(left) : filler;
      left -= PIECE;
      if (link.write(piece) === false) return link.drained(more);
    }
    link.write('.\r\n');
  }
};

/** Buffer.from came with Node 4.5; `new Buffer` warns since 10. */
exports.bytes = function (text, encoding) {
  return Buffer.from && Buffer.from !== Uint8Array.from ? Buffer.from(text, encoding) : new Buffer(text, encoding);
};

function lines(count) {
  return (new Array(Math.ceil(count / LINE.length) + 1).join(LINE).slice(0, Math.max(0, count - 2)) + '\r\n').slice(
    -count
  );
}

function headers(job) {
  var date = new Date().toUTCString().replace('GMT', '+0000');
  return (
    'From: <' +
    job.from +
    '>\r\nTo: <' +
    job.to +
    '>\r\nSubject: ' +
    job.marker +
    '\r\nDate: ' +
    date +
    '\r\nMessage-ID: <' +
    job.marker +
    '.' +
    Date.now() +
    '@device.local>\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: text/plain; charset=us-ascii\r\n\r\n'
  );
}
