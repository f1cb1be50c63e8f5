// A log that stays open until it is told that its file was moved away.
"use strict";

const fs = require("fs");

const FILE = "/var/log/board/access.log";
let descriptor;

exports.write = (line) => {
  if (descriptor === undefined) descriptor = fs.openSync(FILE, "a", 0o640);
  fs.writeSync(descriptor, `${line}\n`);
};
exports.reopen = () => {
  if (descriptor !== undefined) fs.closeSync(descriptor);
  descriptor = fs.openSync(FILE, "a", 0o640);
};
