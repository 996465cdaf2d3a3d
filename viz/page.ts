/**
 * The page: one time axis, under it everything that happened to a group, one strip above the other.
 *
 * It wires; what there is to see comes from the readings, what it looks like from the strips.
 */
import "./style.css";
import { palette } from "./colors.ts";
import { button, el } from "./dom.ts";
import { helpDialog } from "./help.ts";
import { openTrace, Unreadable, type OpenTrace, type Source } from "./load/open.ts";
import { navigate } from "./navigation.ts";
import { Overlay } from "./overlay.ts";
import { Overview } from "./overview.ts";
import { Panel } from "./panel.ts";
import { Ruler } from "./ruler.ts";
import { RunView } from "./run-view.ts";
import { runWords } from "./run-words.ts";
import { endOf } from "./strips/rebalance-brackets.ts";
import { LABELS, type Mark, type Selection, type Strip, type View } from "./strips/strip.ts";
import { Theme } from "./theme.ts";
import { TimeAxis } from "./time-axis.ts";
import { Tooltip } from "./tooltip.ts";

export interface Page {
  /** Shows one trace or two; what was shown before goes. */
  open(sources: readonly Source[]): Promise<void>;
  readonly axis: TimeAxis;
  /** All strips on the page, of the first trace, then of the second. */
  readonly strips: readonly Strip[];
}

/** Bar, axis and the strips whose height is their own, CSS pixels. */
const FIXED_HEIGHT = 500;
/** The line that opens a run's words, CSS pixels. */
const WORDS_HEIGHT = 32;

/** As many traces share the page. */
const MOST_TRACES = 2;

/** What the page leaves to others. */
export interface PageHooks {
  /** Looks at files that the reader gives to the page; `true`: they are no traces, and are shown elsewhere. */
  instead?(sources: readonly Source[]): Promise<boolean>;
  /** What is shown is a report: its words stand open, for those who read it without knowing the page. */
  readonly isReport?: boolean;
}

export function createPage(root: HTMLElement, { instead, isReport = false }: PageHooks = {}): Page {
  const axis = new TimeAxis();
  const theme = new Theme(() => redraw());
  const ruler = new Ruler();
  const overview = new Overview(axis);
  const overlay = new Overlay();
  const tooltip = new Tooltip();
  const help = helpDialog();
  const panel = new Panel({ select: pick, zoomTo: (from, to) => axis.glide(from, to), close: () => pick(null) });

  const heading = el("h1", {}, "regroup");
  const subtitle = el("p", { class: "subtitle" });
  const groups = el("select", { "aria-label": "Group", class: "groups" });
  const chooser = el("input", { type: "file", multiple: "", hidden: "", "aria-label": "Trace files" });
  const progress = el("progress", { max: "1", value: "0", hidden: "" });
  const live = el("p", { class: "unseen", "aria-live": "polite" });
  const list = button("Rebalances", "List of all rebalances (L)", () => toggleList(), { "aria-pressed": "false" });
  const bar = el(
    "header",
    { class: "bar" },
    el("span", { class: "wordmark" }, "regroup"),
    el("div", { class: "titles" }, heading, subtitle),
    groups,
    el("span", { class: "spacer" }),
    list,
    button("Open…", "Open trace files, one or two (O)", () => chooser.click()),
    button("◐", "Light or dark (T)", theme.toggle, { "aria-label": "Light or dark" }),
    button("?", "Keys and gestures (?)", () => help.showModal(), { "aria-label": "Help" }),
  );
  const axisBox = el("div", { class: "axis" }, overview.element, ruler.element);
  const body = el("div", { class: "runs" });
  const heads = el("div", { class: "heads" });
  const stage = el("main", { class: "stage" }, axisBox, body, overlay.element);
  const content = el("div", { class: "content" }, el("div", { class: "column" }, heads, stage), panel.element);
  const notice = el("div", { class: "notice" });
  const words = el("div", { class: "words" });
  const drop = el("div", { class: "drop", hidden: "" }, el("p", {}, "Drop one trace, or two to compare"));
  root.replaceChildren(bar, progress, notice, words, content, drop, tooltip.element, help, chooser, live);
  root.classList.add("page");

  let traces: readonly OpenTrace[] = [];
  let runs: readonly RunView[] = [];
  let selected: { readonly run: number; readonly selection: Selection } | null = null;
  let listed = false;
  let cursor: number | null = null;
  let opening = 0;
  let frame = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const view = (): View => ({ axis, palette: palettes[theme.scheme] });
  const palettes = { light: palette("light"), dark: palette("dark") };

  // Drawing: whatever changes, one frame draws it.
  function redraw(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (runs.length === 0) return;
      const now = view();
      for (const run of runs) run.draw(now);
      overview.draw(now.palette);
      drawCursor();
      clearTimeout(rest);
      rest = setTimeout(settle, 140);
    });
  }

  function drawCursor(): void {
    const now = view();
    ruler.draw(now, cursor);
    for (const run of runs) for (const strip of run.strips) strip.readout(cursor);
    const run = selected ? runs[selected.run] : undefined;
    const band = selected?.selection.kind === "rebalance" ? run!.group.rebalances[selected.selection.index] : undefined;
    overlay.draw(now, cursor, band && run ? { from: band.cause.at, to: endOf(band), over: run.body } : null);
  }

  function settle(): void {
    const now = view();
    for (const run of runs) run.settle(now);
    live.textContent = runs.flatMap((run) => run.strips.map((strip) => strip.describe(axis.from, axis.to))).join(" ");
  }

  function measure(): void {
    const width = stage.clientWidth - LABELS;
    if (width <= 0) return;
    for (const run of runs) {
      // All that is not lanes keeps its height; two runs need not both fit.
      const rest = innerHeight - FIXED_HEIGHT - WORDS_HEIGHT * runs.length - heads.offsetHeight - notice.offsetHeight;
      run.fit(runs.length > 1 ? rest * 0.62 : rest);
      run.resize(width);
    }
    axis.resize(width);
    redraw();
  }
  axis.onChange(redraw);
  new ResizeObserver(measure).observe(stage);
  addEventListener("resize", measure);

  // Picking things out.
  function pick(selection: Selection | null, run = selected?.run ?? 0): void {
    selected = selection && { run, selection };
    listed = false;
    showPanel();
  }

  function showPanel(): void {
    const run = runs[selected?.run ?? 0] as RunView | undefined;
    const shown = selected?.selection ?? (listed ? "rebalances" : null);
    if (shown && run) panel.show(run.trace.picture, run.group, shown, view().palette);
    else panel.hide();
    list.setAttribute("aria-pressed", String(listed));
    redraw();
  }

  function toggleList(): void {
    listed = !listed;
    selected = null;
    showPanel();
  }

  /** The next or previous rebalance becomes the selected one, and is shown. */
  function stepRebalance(by: number): void {
    const run = selected?.run ?? 0;
    const all = runs[run]?.group.rebalances ?? [];
    if (all.length === 0) return;
    let index: number;
    if (selected?.selection.kind === "rebalance") index = selected.selection.index + by;
    else if (by > 0) index = all.findIndex(({ cause }) => cause.at >= axis.from);
    else index = all.findLastIndex((one) => endOf(one) <= axis.to);
    index = Math.min(all.length - 1, Math.max(0, index));
    pick({ kind: "rebalance", index }, run);
    const { cause } = all[index];
    const until = endOf(all[index]);
    if (cause.at >= axis.from && until <= axis.to) return;
    const shown = Math.max(axis.to - axis.from, (until - cause.at) * 1.5);
    const middle = (cause.at + until) / 2;
    axis.glide(middle - shown / 2, middle + shown / 2);
  }

  const stripOf = (element: HTMLElement): { readonly strip: Strip; readonly run: number } | null => {
    for (let run = 0; run < runs.length; run++)
      for (const strip of runs[run].strips) if (strip.element === element) return { strip, run };
    return null;
  };

  navigate(stage, axis, {
    point(at) {
      cursor = at ? axis.t(at.x) : null;
      const found = at?.strip ? stripOf(at.strip) : null;
      const mark: Mark | null = found && at ? found.strip.markAt(at.x, at.y, view()) : null;
      if (mark && at) tooltip.show(mark, at.pageX, at.pageY);
      else tooltip.hide();
      stage.classList.toggle("over-mark", mark?.select !== undefined);
      drawCursor();
    },
    click(at) {
      const found = at.strip ? stripOf(at.strip) : null;
      const mark = found?.strip.markAt(at.x, at.y, view());
      if (found) pick(mark?.select ?? null, found.run);
    },
  });
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => axis.pan(-0.15),
    ArrowRight: () => axis.pan(0.15),
    "+": () => axis.zoomAt(axis.width / 2, 1.5),
    "=": () => axis.zoomAt(axis.width / 2, 1.5),
    "-": () => axis.zoomAt(axis.width / 2, 1 / 1.5),
    "0": () => axis.fit(),
    "[": () => stepRebalance(-1),
    "]": () => stepRebalance(1),
    "?": () => help.showModal(),
    l: toggleList,
    t: theme.toggle,
    o: () => chooser.click(),
    Escape: () => pick(null),
  };
  document.addEventListener("keydown", (event) => {
    if (!root.isConnected || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, select, textarea")) return;
    const focused = target.closest<HTMLElement>(".strip");
    if (focused && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      walkRows(focused, event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      return;
    }
    if (focused && event.key === "Enter" && !target.closest("button")) {
      const found = stripOf(focused);
      const mark = found?.strip.moveRow?.(0, cursor ?? (axis.from + axis.to) / 2);
      if (found && mark?.select) pick(mark.select, found.run);
      return;
    }
    const act = keys[event.key];
    if (!act || (runs.length === 0 && !["?", "t", "o"].includes(event.key))) return;
    event.preventDefault();
    act();
  });

  function walkRows(element: HTMLElement, by: number): void {
    const mark = stripOf(element)?.strip.moveRow?.(by, cursor ?? (axis.from + axis.to) / 2);
    if (mark) live.textContent = `${mark.title}: ${mark.facts.map((fact) => fact.join(" ")).join(", ")}`;
    redraw();
  }

  // Opening files.
  async function open(sources: readonly Source[]): Promise<void> {
    const mine = ++opening;
    notice.replaceChildren();
    progress.hidden = false;
    progress.value = 0;
    root.classList.add("loading");
    // A run that is simulated now takes the place of another one at once: nobody shall mistake that one for it.
    if (sources.some(({ from }) => typeof from === "object" && !(from instanceof Blob))) clear();
    const shares = sources.map(() => 0);
    const results = await Promise.allSettled(
      sources.slice(0, MOST_TRACES).map((source, i) =>
        openTrace(source, (share) => {
          shares[i] = share;
          progress.value = shares.reduce((sum, one) => sum + one, 0) / shares.length;
        }),
      ),
    );
    const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (mine !== opening) {
      for (const trace of opened) trace.close(); // something else was opened meanwhile
      return;
    }
    progress.hidden = true;
    root.classList.remove("loading");
    results.forEach((result, i) => {
      if (result.status === "rejected") complain(sources[i].name, result.reason);
    });
    if (sources.length > MOST_TRACES)
      say(`Of ${sources.length} files, the first two are shown: the page compares two.`);
    if (opened.length === 0) return;
    for (const trace of traces) trace.close();
    traces = opened;
    show(0);
  }

  function clear(): void {
    for (const trace of traces) trace.close();
    traces = [];
    runs = [];
    for (const part of [body, heads, words]) part.replaceChildren();
    panel.hide();
    root.classList.add("empty");
  }

  /** Puts the traces on the page; where they have several groups, the one of this place. */
  function show(place: number): void {
    selected = null;
    listed = false;
    panel.hide();
    const pictures = traces.map(({ picture }) => picture);
    const names = [...new Set(pictures.flatMap((picture) => picture.groups.map(({ id }) => id)))];
    groups.replaceChildren(...names.map((name) => el("option", {}, name)));
    groups.selectedIndex = place;
    groups.hidden = pictures.every((picture) => picture.groups.length < 2);
    runs = traces
      .map((trace) => {
        const index = trace.picture.groups.findIndex(({ id }) => id === names[place]);
        return trace.picture.groups.length > 0 ? new RunView(trace, Math.max(0, index)) : null;
      })
      .filter((run) => run !== null);
    heading.textContent = [...new Set(pictures.map(({ title }) => title))].join(" and ");
    subtitle.textContent = traces.length === 1 ? pictures[0].file : "";
    document.title = `${heading.textContent} · regroup`;
    body.replaceChildren(...runs.map(({ element }) => element));
    words.replaceChildren(...pictures.map((picture) => runWords(picture, isReport)));
    // One run's numbers stand over everything; of two runs, each has its own over its strips.
    root.classList.toggle("several", runs.length > 1);
    heads.replaceChildren(...(runs.length === 1 ? [runs[0].head] : []));
    if (runs.length > 1) for (const run of runs) run.element.prepend(run.head);
    root.classList.remove("empty");
    overview.show(runs.map(({ group }) => group));
    axis.end = Math.max(1, ...pictures.map(({ end }) => end));
    axis.show(0, axis.end);
    measure();
    if (runs.length === 0) say("This trace names no group, so there is nothing to draw.");
  }
  groups.addEventListener("change", () => show(groups.selectedIndex));

  function say(text: string): void {
    notice.append(el("p", { class: "banner", role: "status" }, text));
  }

  function complain(file: string, reason: unknown): void {
    const problem = reason instanceof Unreadable ? reason.message : String(reason);
    notice.append(el("p", { class: "banner wrong", role: "alert" }, el("strong", {}, `${file}: `), problem));
  }

  async function take(given: readonly Source[]): Promise<void> {
    if (!(await instead?.(given))) await open(given);
  }
  const files = (chosen: FileList | null | undefined): Source[] =>
    [...(chosen ?? [])].map((file) => ({ name: file.name, from: file }));
  chooser.addEventListener("change", () => {
    const chosen = files(chooser.files);
    chooser.value = ""; // so that the same file can be chosen again
    if (chosen.length > 0) void take(chosen);
  });
  let inside = 0;
  root.addEventListener("dragenter", (event) => {
    event.preventDefault();
    inside++;
    drop.hidden = false;
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("dragleave", () => {
    if (--inside <= 0) drop.hidden = true;
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    drop.hidden = true;
    const dropped = files(event.dataTransfer?.files);
    if (dropped.length > 0) void take(dropped);
  });

  root.classList.add("empty");
  body.append(welcome(() => chooser.click()));
  return {
    open,
    axis,
    get strips() {
      return runs.flatMap(({ strips }) => strips);
    },
  };
}

/** What the page says while there is nothing to show. */
function welcome(choose: () => void): HTMLElement {
  const example = "regroup run scenarios/crash.yaml --trace crash.ndjson.gz";
  return el(
    "section",
    { class: "welcome" },
    el("div", { class: "welcome-lanes", "aria-hidden": "true" }, ...Array.from({ length: 5 }, () => el("i"))),
    el("h2", {}, "Drop a trace here"),
    el("p", {}, "One to look at, or two to compare on the same time axis. Nothing leaves this computer."),
    button("Choose files…", "Open trace files (O)", choose, { class: "primary" }),
    el("p", { class: "note" }, "A trace is what ", el("code", {}, example), " writes."),
  );
}
