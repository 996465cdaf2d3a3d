import {
  commandsOf,
  FIRST_TIER,
  headerCommands,
  headersRun,
  isLong,
  pageRuns,
  SECOND_TIER,
  textOf,
} from "./support/printed.ts";

// Commands that `docs.test.ts` shortens, as they are printed, and the pages that it leaves out.
for (const page of FIRST_TIER) {
  const long = commandsOf(textOf(page)).filter(isLong);
  if (long.length > 0) pageRuns(page, long);
}
for (const page of SECOND_TIER) pageRuns(page, commandsOf(textOf(page)));
headersRun(headerCommands().filter(isLong));
