// What a device objects to in the server's certificate. ECMAScript 3; own checks, because OpenSSL looks at the clock of
// the machine and not at the one of the emulated device.
var crypto = require('crypto');
var net = require('net');

/** null: none. Like Node itself, the device then just closes (no alert): RFC 5246 section 7.2.2 asks for one. */
exports.objection = function (secured, job) {
  var firmware = job.firmware;
  if (firmware.verifies === 'nothing' && !firmware.verifiesName) return null;
  if (exports.leavesChainToStack()) return stackObjection(secured, firmware);
  var chain = chainOf(secured.getPeerCertificate(true));
  if (chain.length === 0) return 'no certificate';
  return (
    (firmware.verifies === 'nothing' ? null : chainObjection(chain, job)) ||
    (firmware.verifiesName && !named(chain[0], job.host) ? 'name does not match' : null)
  );
};

/** Nodes before 15 cannot verify a signature of a certificate by themselves. */
exports.leavesChainToStack = function () {
  return crypto.X509Certificate === undefined;
};

function stackObjection(secured, firmware) {
  if (firmware.clock !== undefined || firmware.verifiesName) return 'unsupported on this stack';
  return secured.authorized ? null : 'unknown issuer';
}

function chainOf(peer) {
  var chain = [];
  while (peer && peer.raw && chain.length < 8) {
    chain.push(new crypto.X509Certificate(peer.raw));
    if (peer.issuerCertificate === peer) break;
    peer = peer.issuerCertificate;
  }
  return chain;
}

function chainObjection(chain, job) {
  var now = job.firmware.clock === undefined ? new Date() : new Date(job.firmware.clock);
  var roots = [];
  for (var r = 0; r < job.roots.length; r++) roots.push(new crypto.X509Certificate(job.roots[r]));
  for (var i = 0; i < chain.length; i++) {
    var objection = datesObjection(chain[i], now);
    if (objection !== null) return objection;
    for (var k = 0; k < roots.length; k++) {
      var own = chain[i].fingerprint256 === roots[k].fingerprint256;
      if (own || issued(roots[k], chain[i])) return datesObjection(roots[k], now);
    }
    if (i + 1 < chain.length && !issued(chain[i + 1], chain[i])) break;
  }
  return 'unknown issuer';
}

function issued(issuer, subject) {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function datesObjection(certificate, now) {
  if (now < new Date(certificate.validFrom)) return 'not yet valid';
  if (now > new Date(certificate.validTo)) return 'expired';
  return null;
}

function named(leaf, host) {
  return (net.isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}
