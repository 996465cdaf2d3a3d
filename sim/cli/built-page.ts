/** The page as it was built, for whoever serves it or sends it away. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Mistake } from "./failure.ts";
import { packageFolder } from "./package-folder.ts";

/** The folder with the page. */
export function builtPage(): string {
  const pages = path.join(packageFolder(), "dist", "web");
  if (existsSync(path.join(pages, "index.html"))) return pages;
  throw new Mistake("the page is not built yet: run `npm run build` in regroup's folder first");
}

/** A document that travels with the page. */
export interface Enclosure {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The whole page with its scripts, styles and these documents in one HTML file: `viz/load/embedded.ts` finds them. */
export function pageWith(enclosures: readonly Enclosure[], title: string, pages = builtPage()): string {
  const asset = (name: string): string => readFileSync(path.join(pages, name), "utf8");
  const documents = enclosures.map(
    ({ name, bytes }) =>
      `<script type="application/octet-stream" data-name="${escaped(name)}">${Buffer.from(bytes).toString("base64")}</script>`,
  );
  // A function as replacement, since code is full of the dollars that mean something in a text.
  return readFileSync(path.join(pages, "index.html"), "utf8")
    .replace(/<title>.*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .replace(/<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>/g, (_, file: string) => `<style>${asset(file)}</style>`)
    .replace(/\s*<script type="module"[^>]*src="([^"]+)"[^>]*><\/script>/g, (_, file: string) => {
      const code = asset(file).replaceAll("</script", "<\\/script");
      documents.push(`<script type="module">${code}</script>`); // after the documents it looks for
      return "";
    })
    .replace("</body>", () => `${documents.join("\n")}\n</body>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
