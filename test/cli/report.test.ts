import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { chromium, type Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser } from "../support/browser.ts";
import { shell } from "../support/cli.ts";
import { crashStory } from "../support/story.ts";

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-report-"));
  writeFileSync(path.join(folder, "one.ndjson"), crashStory());
  const { executablePath, args, env } = await findBrowser();
  browser = await chromium.launch({
    executablePath,
    args: [...args],
    env: { ...process.env, ...env } as Record<string, string>,
  });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

test("a report is one file, and shows its run wherever it is opened, without any server", async () => {
  const output = path.join(folder, "one.html");
  const { status } = await shell().run(`regroup report ${path.join(folder, "one.ndjson")} -o ${output}`);
  expect(status).toBe(0);
  const html = readFileSync(output, "utf8");
  expect(html).not.toMatch(/\b(?:src|href)="(?!data:)/);

  const page = await browser.newPage();
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("request", (request) => {
    if (!/^(?:file|blob|data):/.test(request.url())) trouble.push(request.url());
  });
  await page.goto(pathToFileURL(output).href);
  await page.getByText("PreparingRebalance").first().waitFor();
  expect(trouble).toEqual([]);
  await page.close();
});

test("what the page cannot show becomes no report: 2, and no file", async () => {
  const file = path.join(folder, "no.yaml");
  writeFileSync(file, "name: x\n");
  const output = path.join(folder, "no.html");
  const { status, stderr } = await shell().run(`regroup report ${file} -o ${output}`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("is nothing to look at") });
  expect(readdirSync(folder).filter((name) => name.startsWith("no.html") || name.startsWith("."))).toEqual([]);
});
