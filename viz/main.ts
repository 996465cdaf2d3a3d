import { createPage } from "./page.ts";

/** What the server that `regroup view` starts has to show; nothing, on any other server. */
async function served(): Promise<readonly string[]> {
  try {
    const response = await fetch("./traces");
    if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) return [];
    return (await response.json()) as string[];
  } catch {
    return [];
  }
}

const page = createPage(document.getElementById("page")!);
const names = await served();
if (names.length > 0)
  await page.open(names.map((name, i) => ({ name, from: new URL(`./traces/${i}`, location.href).href })));
