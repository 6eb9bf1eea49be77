// rss-parser or feedsmith: fetches and parses every feed, 64 at once, and remembers ETags and counts.
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [urls, folder, name] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const parse = parserOf(require(name));
const state = `${folder}/state.json`;
const known = existsSync(state) ? JSON.parse(readFileSync(state)) : {};
const waiting = readFileSync(urls, "utf8").split("\n").filter(Boolean);

function parserOf(library) {
  if (name === "feedsmith") {
    return (text) => {
      const { feed } = library.parseFeed(text);
      return (feed.items ?? feed.entries).length;
    };
  }
  const parser = new library();
  return async (text) => (await parser.parseString(text)).items.length;
}

async function read(url) {
  const etag = known[url]?.etag;
  const answer = await fetch(url, { headers: etag ? { "If-None-Match": etag } : {} });
  const text = await answer.text();
  if (answer.status !== 304) {
    known[url] = { etag: answer.headers.get("etag"), count: await parse(text) };
  }
}

async function work() {
  for (let url = waiting.pop(); url; url = waiting.pop()) await read(url);
}

await Promise.all(Array.from({ length: 64 }, work));
writeFileSync(state, JSON.stringify(known));
console.log(Object.values(known).reduce((sum, { count }) => sum + count, 0));
