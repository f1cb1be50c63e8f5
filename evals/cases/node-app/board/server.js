// The service: node server.js CONFIG. SIGHUP reads the configuration again, SIGUSR2 opens the log again.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const cards = require("./lib/cards");
const log = require("./lib/log");
const fill = require("fill");

const PAGES = "/srv/board/pages";
const read = () => JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
let config = read();

process.setgid(config.user);
process.initgroups(config.user, config.user);
process.setuid(config.user);

async function answer(request) {
  const name = path.basename(request.url);
  if (request.url.startsWith("/pages/")) {
    return fill(await fs.promises.readFile(path.join(PAGES, name), "utf8"), config);
  }
  if (request.method === "POST") {
    let body = "";
    for await (const part of request) body += part;
    await cards.put(name, body);
    return "kept\n";
  }
  return cards.get(name);
}

const server = http.createServer(async (request, response) => {
  try {
    const text = await answer(request);
    log.write(`${request.method} ${request.url}`);
    response.end(text);
  } catch (error) {
    response.writeHead(error.code === "ENOENT" ? 404 : 500).end();
  }
});

server.listen(config.socket);
process.on("SIGHUP", () => { config = read(); });
process.on("SIGUSR2", () => log.reopen());
process.on("SIGTERM", () => server.close());
