// The page's modules as Node can import them: files called .js are modules only beside a package.json that says so.
import { cpSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const source = fileURLToPath(new URL("../../assetplan/page/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "assetplan-page-"));
for (const name of readdirSync(source).filter((file) => file.endsWith(".js")))
  cpSync(join(source, name), join(folder, name));
writeFileSync(join(folder, "package.json"), '{"type": "module"}');

export const load = (name) => import(pathToFileURL(join(folder, name)));

// Numbers that look random and are the same in every run.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 14)) >>> 0) / 4294967296;
  };
}
