// Builds the command line and the page into dist/. Runs after `npm install`, and must not fail an install without
// development dependencies (`npm ci --omit=dev`), where there is nothing to build with.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
let vite;
try {
  vite = await import("vite");
} catch {
  console.log("regroup: vite is not installed, so nothing was built");
}
if (vite && existsSync(`${root}sim/cli/vite.config.ts`)) {
  for (const config of ["sim/cli/vite.config.ts", "viz/vite.config.ts"]) {
    await vite.build({ configFile: root + config, logLevel: "warn" });
  }
}
