import { resultsPage } from "./experiments/results-page.ts";
import { embedded } from "./load/embedded.ts";
import type { Source } from "./load/open.ts";
import { createPage } from "./page.ts";

/** What the server that `regroup view` starts has to show; nothing, on any other server. */
async function served(): Promise<readonly Source[]> {
  try {
    const response = await fetch("./traces");
    if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) return [];
    const names = (await response.json()) as string[];
    return names.map((name, i) => ({ name, from: new URL(`./traces/${i}`, location.href).href }));
  } catch {
    return [];
  }
}

const run = document.getElementById("page")!;
const carried = embedded();
const isReport = carried.length > 0;
const page = createPage(run, { instead: (sources) => results.open(sources), isReport });
const results = resultsPage(document.getElementById("results")!, run, (source) => page.open([source]));
const sources = isReport ? carried : await served();
if (sources.length > 0 && !(await results.open(sources))) await page.open(sources);
