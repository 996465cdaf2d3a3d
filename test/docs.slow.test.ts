import { commandsOf, headerCommands, headersRun, isLong, PAGES, pageRuns, textOf } from "./support/printed.ts";

// Commands that `docs.test.ts` shortens, as they are printed.
for (const page of PAGES) {
  const long = commandsOf(textOf(page)).filter(isLong);
  if (long.length > 0) pageRuns(page, long);
}
headersRun(headerCommands().filter(isLong));
