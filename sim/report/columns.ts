/** A cell of a table; `length` is counted without what colours it. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface Column {
  readonly align: "left" | "right";
}

/** Characters between two columns. */
const GAP = 2;

/** Rows in aligned columns, with nothing behind the last text of a row. */
export function aligned(rows: readonly (readonly Cell[])[], columns: readonly Column[]): string[] {
  const widths = columns.map((_, i) => Math.max(0, ...rows.map((row) => sizeOf(row[i]?.text ?? ""))));
  return rows.map((row) =>
    row
      .map(({ text, paint = (text: string) => text }, i) => {
        const space = " ".repeat(widths[i] - sizeOf(text));
        return columns[i].align === "right" ? space + paint(text) : paint(text) + space;
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

/** What is left of a line of this width for one of the columns, beside the others. */
export function room(rows: readonly (readonly Cell[])[], column: number, width: number): number {
  const columns = Math.max(...rows.map((row) => row.length));
  let taken = (columns - 1) * GAP;
  for (let i = 0; i < columns; i++)
    if (i !== column) taken += Math.max(0, ...rows.map((row) => sizeOf(row[i]?.text ?? "")));
  return Math.max(0, width - taken);
}

/** Words in lines of at most this width, the following ones indented. */
export function wrapped(words: readonly string[], width: number, indent: number, gap = GAP): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line.trim() !== "" && sizeOf(line) + gap + sizeOf(word) > width) {
      lines.push(line);
      line = " ".repeat(indent) + word;
    } else line += line === "" ? word : " ".repeat(gap) + word;
  }
  return [...lines, line];
}

function sizeOf(text: string): number {
  return [...text].length;
}
