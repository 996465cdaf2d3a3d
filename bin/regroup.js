#!/usr/bin/env node
import { existsSync } from "node:fs";
import process from "node:process";

const built = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(built)) {
  // A reader that went away (`regroup run … | head`) is not our failure.
  process.stdout.on("error", (error) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const { main } = await import(built.href);
  await main(process.argv.slice(2));
} else {
  console.error("regroup is not built yet: run `npm install` (or `npm run build`) in its folder first");
  process.exitCode = 3;
}
