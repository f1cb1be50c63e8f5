// Cards are files; a new text replaces the old one in one step.
"use strict";

const fs = require("fs").promises;
const path = require("path");

const PLACE = "/var/lib/board";
const file = (name) => path.join(PLACE, `${name}.json`);

exports.put = async (name, text) => {
  const fresh = `${file(name)}.new`;
  await fs.writeFile(fresh, JSON.stringify({ name, text }));
  await fs.rename(fresh, file(name));
};
exports.get = (name) => fs.readFile(file(name), "utf8");
